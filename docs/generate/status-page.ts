import { reasonKinds, reasonMeanings } from "../../lib/status/reasons.ts";

/** The table of `docs/status.md`: each kind of reason, the worst first, and what it means. */
export function reasonsTable(): string {
  const rows = reasonKinds.map((kind) => {
    const { when, isUnhealthy, isUnready, meanwhile, advice } = reasonMeanings[kind];
    const healthy = isUnhealthy ? "**no**" : "yes";
    const ready = isUnready ? "**no**" : "yes";
    return `| ${[kind, when, healthy, ready, "**yes**", meanwhile, advice].join(" | ")} |`;
  });
  return [
    "| reason | when | healthy | ready | degraded | meanwhile | what to do |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
