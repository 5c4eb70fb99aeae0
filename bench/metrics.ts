/**
 * How long the event loop is busy for one answer of `/metrics`, beside joining the lines of the one before, which is the floor.
 *
 * npm run bench:metrics
 */
import { performance } from "node:perf_hooks";
import { createMetrics } from "../agents/metrics/metrics.ts";
import { Recordings } from "../agents/metrics/recordings.ts";
import type { ByState } from "../lib/metrics/service-gauge.ts";
import { formatFamilies } from "../lib/metrics/text.ts";
import type { Facts } from "../lib/status/facts.ts";
import { undatedReport as report } from "../lib/status/report.ts";

const rounds = 200;

function factsOf(services: number, instances: number): Facts {
  const ofService = (service: number) =>
    Array.from({ length: instances / services }, (_, i) => ({
      name: `service-${service}/10.0.${i >> 8}.${i & 255}:80`,
      verdict: i % 100 === 0 ? ("down" as const) : ("up" as const),
      sinceMs: i,
      why: i % 100 === 0 ? "connection refused" : "",
      registered: i % 100 !== 0,
      wasRegistered: true,
      draining: false,
    }));
  return {
    version: "0",
    pid: 1,
    configuration: [],
    startedMs: 0,
    isShuttingDown: false,
    keyspace: { url: "etcd://127.0.0.1:2379", loops: [] },
    loops: [],
    presence: {
      instances: Array.from({ length: services }, (_, service) => ofService(service)).flat(),
      isComplete: true,
      quarantined: [],
    },
    watch: undefined,
  };
}

function medianMs(work: () => unknown): number {
  const took = Array.from({ length: rounds }, () => {
    const startedMs = performance.now();
    work();
    return performance.now() - startedMs;
  }).sort((a, b) => a - b);
  return took[rounds >> 1] ?? Number.NaN;
}

console.log("services  instances  series  ms of /metrics  ms of formatting alone");
for (const [services, instances] of [
  [1, 10],
  [20, 1000],
  [200, 10_000],
  [1000, 10_000],
] as const) {
  const facts = factsOf(services, instances);
  const entries = new Map<string, ByState>(
    Array.from({ length: services }, (_, i) => [`service-${i}`, { serving: instances / services }]),
  );
  const collect = createMetrics(
    {
      report: () => report(facts, { nowMs: performance.now(), date: new Date() }),
      entries: () => entries,
      recordings: new Recordings(),
    },
    { clock: { now: () => performance.now() } },
  );
  const families = collect();
  const series = families.reduce((sum, { samples }) => sum + samples.length, 0);
  const [whole, floor] = [
    medianMs(() => formatFamilies(collect())),
    medianMs(() => formatFamilies(families)),
  ];
  console.log(
    [services, instances, series, whole.toFixed(2), floor.toFixed(2)]
      .map((cell) => String(cell).padStart(9))
      .join(" "),
  );
}
