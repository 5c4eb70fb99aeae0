import type { InstanceState, OverviewService } from "../../overview/contract.ts";
import { instanceTones, type Tone } from "../../overview/tones.ts";
import { element, keyed, type PageElement, type Part } from "../contract.ts";

/** A state by shape, colour and word. */
export function state(tone: Tone, word: string): PageElement {
  return element("span", { class: `state ${tone}` }, mark(), word);
}

/** How many instances are in each state: `● 4 serving ■ 1 unhealthy`. */
export function states(counts: OverviewService["counts"]): readonly PageElement[] {
  return instanceStates.flatMap((one) => {
    const count = counts[one] ?? 0;
    return count === 0 ? [] : [keyed(one, state(instanceTones[one], `${grouped(count)} ${one}`))];
  });
}

const instanceStates = Object.keys(instanceTones) as readonly InstanceState[];

/** The shape of the tone around it. */
export function mark(): PageElement {
  return element("i", { class: "mark", "aria-hidden": "true" });
}

/** `2026-03-01 03:12:07 UTC`; a browser adds how long that is ago. */
export function time(iso: string): PageElement {
  return element("time", { datetime: iso }, `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`);
}

export function code(text: string): PageElement {
  return element("code", {}, text);
}

/** A sentence in which keys, with their revisions, files, and what stands in backquotes stand out. */
export function sentence(text: string): readonly Part[] {
  return text
    .split(/(`[^`\n]+`|(?<![\w/.:`])\/(?:[^\s,;:"'()]|:(?=[^\s]))*[^\s,;:."'()])/)
    .map((part, i) => (i % 2 === 1 ? code(part.replace(/^`(.*)`$/, "$1")) : part));
}

export function section(
  id: string,
  heading: string,
  ...parts: Parameters<typeof element>[2][]
): PageElement {
  return element(
    "section",
    { id, "aria-labelledby": `${id}-h` },
    element("h2", { id: `${id}-h` }, heading),
    ...parts,
  );
}

/** A table whose first column names its rows. */
export function table(
  kind: string,
  label: string,
  columns: readonly string[],
  rows: readonly PageElement[],
): PageElement {
  const head = columns.map((name) => element("th", { scope: "col" }, name));
  return element(
    "table",
    { class: kind, "aria-label": label },
    element("thead", {}, element("tr", {}, head)),
    element("tbody", {}, rows),
  );
}

/** `1 instance`, `3 instances`. */
export function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${grouped(count)} ${one}s`;
}

/** `5 000` */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
