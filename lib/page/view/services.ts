import type { Overview, OverviewService } from "../../overview/contract.ts";
import { element, type PageElement } from "../contract.ts";
import { bar } from "./bar.ts";
import { counted, section, states } from "./parts.ts";
import { service } from "./service.ts";

/** Of more services, the ones whose instances all serve are a line each, to be opened. */
const mostOpen = 6;

/** The instances that take traffic, and the others with the reason; services with such come first. */
export function services({ services, omitted }: Overview): PageElement {
  const missing = omitted?.instances ?? 0;
  const ordered = [
    ...services.filter((one) => !isServing(one)),
    ...services.filter((one) => isServing(one)),
  ];
  const isLong = services.length > mostOpen;
  return section(
    "services",
    "Instances",
    services.length === 0 && element("p", { class: "none" }, "No instance is known."),
    isLong && total(services),
    ordered.map((one) => service(one, isLong && isServing(one))),
    missing > 0 &&
      element("p", { class: "none" }, `${counted(missing, "further instance")} not shown here.`),
  );
}

function isServing({ counts }: OverviewService): boolean {
  return Object.entries(counts).every(([state, count]) => state === "serving" || count === 0);
}

/** The numbers of all services together. */
function total(services: readonly OverviewService[]): PageElement {
  const sums: Partial<Record<keyof OverviewService["counts"], number>> = {};
  for (const { counts } of services) {
    for (const [name, count] of Object.entries(counts)) {
      const state = name as keyof typeof sums;
      sums[state] = (sums[state] ?? 0) + count;
    }
  }
  return element(
    "div",
    { class: "total" },
    element("p", { class: "counts" }, counted(services.length, "service"), states(sums)),
    bar(sums),
  );
}
