import type { Overview } from "../../overview/contract.ts";
import type { Reason } from "../../status/contract.ts";
import { element, keyed, type PageElement } from "../contract.ts";
import { section, sentence, time } from "./parts.ts";

/** Whether the verdict has all that is wrong: its sentence is the only reason. */
export function isInVerdict({ reasons, verdict }: Overview): boolean {
  const [first, ...others] = reasons;
  return others.length === 0 && first?.message === verdict.sentence && (first.count ?? 1) === 1;
}

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
      element(
        "p",
        { class: "head" },
        element("span", { class: "kind" }, kind, of),
        since !== undefined && time(since),
      ),
      element("p", { class: "words" }, sentence(message)),
      meanwhile !== "" && remark("Meanwhile", meanwhile),
      advice !== "" && remark("To do", advice),
    ),
  );
}

/** `Meanwhile: the previous file is kept` */
export function remark(label: "Meanwhile" | "To do", text: string): PageElement {
  return element("p", { class: "remark" }, element("b", {}, `${label}: `), sentence(text));
}
