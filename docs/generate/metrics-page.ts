import { createMetrics } from "../../agents/metrics/metrics.ts";
import { Recordings } from "../../agents/metrics/recordings.ts";
import { noCause } from "../../lib/journal/cause.ts";
import type { Family } from "../../lib/metrics/contract.ts";
import type { Facts, LoopFacts } from "../../lib/status/facts.ts";
import { undatedReport } from "../../lib/status/report.ts";

const loop: LoopFacts = {
  ...{ name: "haproxy.cfg", state: "ok", sinceMs: 0, lastMs: 0 },
  ...{ dueMs: undefined, fault: undefined },
};

/** An agent with a sample of each metric. */
const facts: Facts = {
  ...{ version: "", pid: 1, configuration: [], startedMs: 0, isShuttingDown: false },
  keyspace: { url: "etcd://127.0.0.1:2379", loops: [loop] },
  loops: [loop],
  presence: {
    ...{ isComplete: true, quarantined: [] },
    destinations: [{ name: "elb/front", settings: [], loop }],
    instances: [
      {
        ...{ name: "web/10.0.0.1:80", verdict: "up", sinceMs: 0, why: "" },
        ...{ registered: true, wasRegistered: true, draining: false },
      },
    ],
  },
  watch: {
    templates: [
      {
        ...{ target: "/etc/haproxy/haproxy.cfg", revision: "1", loop, unusable: undefined },
        observed: { state: "in sync", sinceMs: 0, why: "" },
      },
    ],
    ...{ quarantined: [], retained: [], cachedSnapshot: undefined },
  },
};

/** The table of `docs/metrics.md`. */
export function metricsTable(): string {
  const recordings = new Recordings();
  recordings.onProbe("tcp", 1);
  recordings.onDestinationRequest("elb/front", "ok");
  const stages = { began: 0, ended: 1 };
  const how = "adjusted" as const;
  const generation = {
    n: 1,
    at: "",
    group: "",
    how,
    files: [],
    revision: "",
    cause: noCause,
    stages,
  };
  recordings.onFact({ seq: 1, isRepeated: false, generation });
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  recordings.counting(log).warn("fault", "", { code: "A" });
  const collect = createMetrics(
    {
      report: () => undatedReport(facts, { nowMs: 0, date: new Date(0) }),
      entries: () => new Map([["web", { serving: 1 }]]),
      recordings,
    },
    { clock: { now: () => 0 } },
  );
  const rows = collect().map(({ name, type, help, samples }) => {
    return `| ${[`\`${name}\``, type, labelsOf(samples), help].join(" | ")} |`;
  });
  return ["| metric | type | labels | help |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function labelsOf(samples: Family["samples"]): string {
  const names = new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)));
  return [...names].map((name) => `\`${name}\``).join(", ");
}
