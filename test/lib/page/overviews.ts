import type { Overview, OverviewInstance } from "../../../lib/overview/contract.ts";

/** An overview of an agent that serves `count` instances, with `other` fields. */
export function overviewOf(count: number, other: Partial<Overview> = {}): Overview {
  return {
    ...{ version: "0.2.0", hostName: "proxy1", pid: 412, keyspace: "etcd://10.0.0.9:2379" },
    at: "2026-03-01T03:12:07.000Z",
    verdict: { state: "in sync", sentence: "Everything served is as it should be." },
    reasons: [],
    services: [serviceOf(Array.from({ length: count }, (_, i) => servingAt(i)))],
    ...{ files: [], changes: [], watchers: [], commands: ["sidekick status"] },
    ...other,
  };
}

export function serviceOf(instances: readonly OverviewInstance[]) {
  const counts: Partial<Record<OverviewInstance["state"], number>> = {};
  for (const { state } of instances) counts[state] = (counts[state] ?? 0) + 1;
  return { name: "web", counts, instances };
}

export function servingAt(i: number): OverviewInstance {
  const address = `10.0.${Math.floor(i / 250)}.${i % 250}:80`;
  return { name: `web/${address}`, address, state: "serving", why: "" };
}
