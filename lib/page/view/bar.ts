import type { InstanceState, OverviewService } from "../../overview/contract.ts";
import { instanceTones } from "../../overview/tones.ts";
import { element, type PageElement } from "../contract.ts";

/** The width of a bar in its own units, and the least of a state that a single instance is in. */
const width = 1000;
const least = 12;

/** The share of each state. A drawing: the words beside it have the same. */
export function bar(counts: OverviewService["counts"]): PageElement {
  const all = Object.entries(counts) as [InstanceState, number][];
  const present = all.filter(([, count]) => count > 0);
  const total = present.reduce((sum, [, count]) => sum + count, 0);
  const free = width - least * present.length;
  let x = 0;
  const order = Object.keys(instanceTones);
  present.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const parts = present.map(([state, count]) => {
    const share = Math.round(least + (free * count) / total);
    const at = { class: instanceTones[state], x: String(x), width: String(share - 2) };
    x += share;
    return element("rect", at);
  });
  return element(
    "svg",
    { class: "bar", viewBox: `0 0 ${width} 6`, preserveAspectRatio: "none", "aria-hidden": "true" },
    parts,
  );
}
