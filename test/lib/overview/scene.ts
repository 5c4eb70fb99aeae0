import type { Generation } from "../../../lib/journal/contract.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { makeOverview, type OverviewFacts } from "../../../lib/overview/overview.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { moment, reportOf } from "../status/facts.ts";

/** The services of a keyspace with these values, by key below `/services`. */
export function poolsOf(values: Readonly<Record<string, string>>): Pools {
  const entries = new Map<string, Entry>(
    Object.entries(values).map(([name, value]) => {
      const key = `/services/${name}`;
      return [key, { key, value, revision: "17" }];
    }),
  );
  return pools(
    emptyPools("/services"),
    Snapshot.empty.after({ kind: "reset", revision: "17", entries }),
  );
}

/** The overview of the healthy agent of the status tests, or of one of which other things are known. */
export function overviewOf(more: Partial<OverviewFacts> = {}) {
  const given = { report: reportOf(), pools: undefined, generations: [], watchers: [] };
  return makeOverview({ hostName: "a1", ...given, ...more });
}

export function generation(n: number, more: Partial<Generation> = {}): Generation {
  return {
    ...{ n, at: moment.date.toISOString(), group: "haproxy.cfg", how: "written", revision: "17" },
    files: [{ target: "/etc/haproxy/haproxy.cfg", sha256: "00" }],
    cause: { keys: [], more: 0, reasons: ["start"] },
    stages: { began: 0, ended: 1 },
    ...more,
  };
}
