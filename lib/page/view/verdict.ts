import type { Overview } from "../../overview/contract.ts";
import { verdictTones } from "../../overview/tones.ts";
import { element, type PageElement } from "../contract.ts";
import { code, state as stateOf, time } from "./parts.ts";
import { isInVerdict, remark } from "./reasons.ts";

/** Is what is served what should be? The first that is read, and the only part that is read out when it changes. */
export function verdict(overview: Overview): PageElement {
  const { hostName, keyspace, version, pid, reasons } = overview;
  const { state, sentence, since, meanwhile } = overview.verdict;
  const [first] = isInVerdict(overview) ? reasons : [];
  return element(
    "header",
    { class: `verdict ${verdictTones[state]}` },
    element(
      "p",
      { class: "process" },
      element("strong", {}, hostName),
      element("span", {}, `sidekick ${version}`),
      element("span", {}, `process ${pid}`),
      code(keyspace),
    ),
    element(
      "p",
      { class: "head" },
      element("span", { class: "word" }, stateOf(verdictTones[state], state)),
      since !== undefined && element("span", { class: "since" }, "since ", time(since)),
    ),
    element(
      "div",
      { role: "status", "aria-live": "polite" },
      element("h1", {}, capitalised(sentence)),
    ),
    !!meanwhile && remark("Meanwhile", meanwhile),
    first !== undefined && first.advice !== "" && remark("To do", first.advice),
  );
}

/** A sentence as a heading; a name at its start stays as it is. */
function capitalised(text: string): string {
  return text.replace(/^(?:all|the) /, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}
