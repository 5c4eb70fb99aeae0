import type { Overview } from "../../overview/contract.ts";
import { element, type PageElement } from "../contract.ts";
import { code, mark, time } from "./parts.ts";
import { verdictTones } from "./tones.ts";

/** Is what is served what should be? The first that is read, and the only part that is read out when it changes. */
export function verdict({ verdict, hostName, keyspace, version, pid }: Overview): PageElement {
  const { state, sentence, since, meanwhile } = verdict;
  return element(
    "header",
    { class: `verdict ${verdictTones[state]}` },
    element(
      "p",
      { class: "process" },
      element("strong", {}, hostName),
      element("span", {}, `sidekick ${version}`),
      element("span", {}, `process ${pid}`),
      element("span", {}, code(keyspace)),
    ),
    element("p", { class: "word" }, mark(), state),
    element("div", { role: "status", "aria-live": "polite" }, element("h1", {}, sentence)),
    since !== undefined && element("p", { class: "since" }, "since ", time(since)),
    !!meanwhile && element("p", { class: "meanwhile" }, element("b", {}, "Meanwhile: "), meanwhile),
  );
}
