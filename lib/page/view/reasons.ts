import type { Overview } from "../../overview/contract.ts";
import type { Reason } from "../../status/contract.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { section, sentence, time } from "./parts.ts";

/** Why not, the worst first; undefined if nothing is wrong. */
export function reasons({ reasons }: Overview): PageElement | undefined {
  if (reasons.length === 0) return undefined;
  return section("why", "Why", element("ol", { class: "reasons" }, reasons.map(reason)));
}

function reason({ kind, message, since, count, meanwhile, advice }: Reason): PageElement {
  const of = count === undefined ? "" : ` (${count})`;
  return keyed(
    `${kind} ${message}`,
    element(
      "li",
      {},
      element("p", { class: "kind" }, kind, of, since !== undefined && [", since ", time(since)]),
      element("p", { class: "words" }, sentence(message)),
      meanwhile !== "" && element("p", {}, element("b", {}, "Meanwhile: "), sentence(meanwhile)),
      advice !== "" && element("p", {}, element("b", {}, "To do: "), sentence(advice)),
    ),
  );
}
