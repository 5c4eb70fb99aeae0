import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../../../agents/metrics/metrics.ts";
import { Recordings } from "../../../agents/metrics/recordings.ts";
import { entriesByService, InstanceCounter } from "../../../agents/metrics/services.ts";
import { noCause } from "../../../lib/journal/cause.ts";
import { type Fact, type How, hows } from "../../../lib/journal/contract.ts";
import type { Family } from "../../../lib/metrics/contract.ts";
import type { Verdict } from "../../../lib/model/verdict.ts";
import type { Facts, InstanceFacts } from "../../../lib/status/facts.ts";
import { undatedReport } from "../../../lib/status/report.ts";
import { poolsWith } from "../../lib/view/entries.ts";
import { RecordingLog } from "../../support/recording-log.ts";

function samplesOf(families: readonly Family[], name: string): Readonly<Record<string, number>> {
  const { samples = [] } = families.find((family) => family.name === name) ?? {};
  return Object.fromEntries(
    samples.map(({ labels = {}, value }) => [Object.values(labels).join(" "), value]),
  );
}

const instance = (name: string, facts: Partial<InstanceFacts> = {}): InstanceFacts => ({
  ...{ name, verdict: "up", sinceMs: 0, why: "", registered: true, wasRegistered: true },
  ...{ draining: false, ...facts },
});

const facts: Facts = {
  ...{ version: "1.2.3", pid: 1, configuration: [], startedMs: 0, isShuttingDown: false },
  ...{ keyspace: { url: "memory:", loops: [] }, loops: [], watch: undefined },
  presence: {
    ...{ isComplete: true, quarantined: [] },
    instances: [
      instance("web/a:80"),
      instance("web/b:80", { verdict: "down", why: "refused", registered: false }),
      instance("web/c:80", { draining: true }),
      instance("a/b/c:80", { verdict: "unknown", registered: false, wasRegistered: false }),
    ],
  },
};

function collect(recordings = new Recordings()): readonly Family[] {
  const report = () => undatedReport(facts, { nowMs: 0, date: new Date(0) });
  return createMetrics(
    { report, entries: () => undefined, recordings },
    { clock: { now: () => 0 } },
  )();
}

test("each instance is counted in one state of its service, and reasons agree with the status", () => {
  const families = collect();
  const instances = samplesOf(families, "sidekick_instances");
  assert.deepEqual(
    Object.entries(instances).filter(([, value]) => value > 0),
    [
      ["web healthy", 1],
      ["web unhealthy", 1],
      ["web draining", 1],
      ["a/b unknown", 1],
    ],
  );
  assert.deepEqual(samplesOf(families, "sidekick_registered_instances"), { "": 2 });
  const reasons = samplesOf(families, "sidekick_reasons");
  assert.deepEqual([reasons["instance unhealthy"], reasons["not checked yet"]], [1, 1]);
  assert.equal(reasons.retained, 0);
});

test("faults and changes of health are counted as they are logged, and the log has them as before", () => {
  const [recordings, recorded] = [new Recordings(), new RecordingLog()];
  const log = recordings.counting(recorded);
  log.warn("fault", "unreachable", { code: "KEYSPACE_UNREACHABLE" });
  log.warn("fault", "unreachable", { code: "KEYSPACE_UNREACHABLE" });
  log.warn("health_changed", "down", { verdict: "down" });
  log.info("started", "started");
  recordings.onProbe("http", 12);
  const families = collect(recordings);
  assert.deepEqual(samplesOf(families, "sidekick_faults_total"), { KEYSPACE_UNREACHABLE: 2 });
  assert.deepEqual(samplesOf(families, "sidekick_verdict_changes_total"), {
    ...{ healthy: 0, unhealthy: 1, unknown: 0 },
  });
  assert.equal(samplesOf(families, "sidekick_check_duration_seconds")["http +Inf"], 1);
  assert.equal(recorded.lines.length, 4);
});

test("each reconciliation is counted once by its outcome; every outcome is there from the start", () => {
  const recordings = new Recordings();
  const counts = () => samplesOf(collect(recordings), "sidekick_reconciliations_total");
  assert.deepEqual(Object.keys(counts()).toSorted(), hows.toSorted());
  const stages = { began: 5, rendered: 6, verified: 200, ended: 210 };
  const fact = (how: How, isRepeated = false): Fact => ({
    ...{ seq: 1, isRepeated },
    generation: {
      ...{ n: 1, at: "", group: "a.cfg", how, files: [], revision: "1", stages },
      cause: noCause,
    },
  });
  for (const one of [fact("adjusted"), fact("refused"), fact("refused", true), fact("same", true)])
    recordings.onFact(one);
  const { adjusted, refused, same, reloaded } = counts();
  assert.deepEqual([adjusted, refused, same, reloaded], [1, 2, 1, 0]);
  const durations = samplesOf(collect(recordings), "sidekick_reconciliation_duration_seconds");
  assert.deepEqual(
    ["0.1", "0.25", "+Inf"].map((le) => durations[`verified ${le}`]),
    [0, 2, 2],
    "of what is no repetition",
  );
});

test("the entries of a service are counted by what the watcher does with them", () => {
  const services = poolsWith({
    "/services/web/10.0.0.1:80": '{"host":"10.0.0.1","port":80}',
    "/services/web/10.0.0.2:80": '{"host":"10.0.0.2","port":80,"weight":0}',
    "/services/web/bad": "nonsense",
  });
  const byService = entriesByService(services);
  assert.deepEqual(byService.get("web"), { serving: 1, draining: 1, retained: 0, quarantined: 1 });
});

test("instances that come, move, change and go between two counts are counted as they are", () => {
  const counter = new InstanceCounter();
  const counted = (names: string, verdict: Verdict = "up") => {
    const all = names.split(" ").filter(Boolean);
    const other = { why: "", registered: true, wasRegistered: true, draining: false };
    const by = counter.count(all.map((name) => ({ name, verdict, ...other })));
    return Array.from(by, ([service, { healthy, unhealthy }]) => [service, healthy, unhealthy]);
  };
  const both = [
    ["web", 2, 0],
    ["db", 1, 0],
  ];
  assert.deepEqual(counted("web/a web/b db/a"), both);
  assert.deepEqual(counted("db/a web/b web/a"), both, "each at another place");
  assert.deepEqual(counted("db/a web/b web/a", "down"), [
    ["web", 0, 2],
    ["db", 0, 1],
  ]);
  assert.deepEqual(counted("web/b"), [["web", 1, 0]]);
  assert.deepEqual(counted(""), []);
  assert.deepEqual(counted("web/b a/b/c"), [
    ["web", 1, 0],
    ["a/b", 1, 0],
  ]);
});
