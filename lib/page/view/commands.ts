import type { Overview } from "../../overview/contract.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { code, section } from "./parts.ts";

/** What to type: the page itself changes nothing. */
export function commands({ commands }: Overview): PageElement | undefined {
  if (commands.length === 0) return undefined;
  const items = commands.map((text) =>
    keyed(
      text,
      element(
        "li",
        {},
        code(text),
        element(
          "button",
          { type: "button", class: "copy", "data-copy": text, "aria-label": `Copy ${text}` },
          "Copy",
        ),
      ),
    ),
  );
  return section("commands", "To type", element("ul", { class: "commands" }, items));
}
