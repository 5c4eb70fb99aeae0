import type { FoundInstance } from "../../lib/discover/contract.ts";
import type { Health } from "../../lib/health/contract.ts";
import { formatAddress } from "../../lib/model/endpoint.ts";
import { describeSuspect, type Reporters } from "../../lib/model/suspects-entry.ts";
import { listed } from "./listed.ts";

/** `3 of 4 proxies cannot connect to it (edge-1, edge-2, edge-3)`: what most of them have against it first. */
export function describeReporters({ failing, of }: Reporters): string {
  const kinds = Map.groupBy(failing, ([, suspect]) => describeSuspect(suspect, 2));
  const sorted = [...kinds.values()].toSorted((a, b) => b.length - a.length);
  const clauses = sorted.map((some, i) => {
    const [[, suspect] = []] = some;
    if (!suspect) return "";
    const count = some.length;
    const number = i === 0 ? `${count} of ${of} proxies` : String(count);
    const subject = of === 1 && i === 0 ? "the only proxy" : number;
    const names = listed(some.map(([watcher]) => watcher));
    return `${subject} ${describeSuspect(suspect, count)} (${names})`;
  });
  return clauses.join("; ");
}

/** The same, with the address that proxies use and what the checks of the instance ask. */
export function describeReport(
  reporters: Reporters,
  { host, port }: FoundInstance["instance"],
  health: Pick<Health, "checks"> | undefined,
): string {
  const titles = (health?.checks ?? []).map(({ title }) => title);
  const checks =
    titles.length === 0 ? "it has no check" : `its own check is ${titles.join(" and ")}`;
  return `${describeReporters(reporters)}; they use ${formatAddress({ host, port })}, ${checks}`;
}
