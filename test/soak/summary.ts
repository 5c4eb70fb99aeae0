import type { SoakRow } from "../../docs/generate/recovery-page.ts";
import type { Difference } from "./differences.ts";

/** The number and the durations of each kind of difference. */
export function summarize(differences: readonly Difference[]): readonly SoakRow[] {
  const groups = Map.groupBy(differences, ({ kind, duringFault }) => `${kind}\n${duringFault}`);
  return [...groups.values()]
    .map((group): SoakRow => {
      const times = group.map(({ fromMs, toMs }) => toMs - fromMs).sort((a, b) => a - b);
      const [first] = group;
      return {
        kind: first?.kind ?? "",
        duringFault: first?.duringFault ?? false,
        count: group.length,
        medianMs: Math.round(times[Math.floor(times.length / 2)] ?? 0),
        p99Ms: Math.round(times[Math.floor(times.length * 0.99)] ?? 0),
        longestMs: Math.round(times.at(-1) ?? 0),
      };
    })
    .sort((a, b) => `${a.kind}${a.duringFault}`.localeCompare(`${b.kind}${b.duringFault}`));
}
