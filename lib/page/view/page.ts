import type { Overview } from "../../overview/contract.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { commands } from "./commands.ts";
import { destinations } from "./destinations.ts";
import { files } from "./files.ts";
import { generations } from "./generations.ts";
import { isInVerdict, reasons } from "./reasons.ts";
import { services } from "./services.ts";
import { verdict } from "./verdict.ts";
import { watchers } from "./watchers.ts";

/** All that an overview shows, in the order in which it is asked at 3 a.m. A wide window has what is, beside what was. */
export function page(overview: Overview): PageElement {
  const named = (name: string, part: PageElement | undefined) => part && keyed(name, part);
  return element(
    "main",
    { id: "page" },
    named("verdict", verdict(overview)),
    named("why", isInVerdict(overview) ? undefined : reasons(overview)),
    keyed(
      "now",
      element(
        "div",
        { class: "column" },
        named("services", services(overview)),
        named("files", files(overview)),
      ),
    ),
    keyed(
      "beside",
      element(
        "div",
        { class: "column" },
        named("changes", generations(overview)),
        named("destinations", destinations(overview)),
        named("watchers", watchers(overview)),
        named("commands", commands(overview)),
      ),
    ),
  );
}
