import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentStatus, presenceStatus, watched, withLiveness } from "../../agents/status.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { TemplatePlan } from "../../lib/config/plan.ts";
import type { Check } from "../../lib/health/contract.ts";
import { isHealthy, isReady } from "../../lib/status/conditions.ts";
import { ManualClock } from "../support/manual-clock.ts";

const { signal: never } = new AbortController();
const down = new Fault("X_DOWN", true, "no store answered");
const silent = { report: () => {}, resolved: () => {} };

function agent() {
  const clock = new ManualClock();
  const identity = { version: "1.2.3", pid: 4711, url: "memory:" };
  return { clock, status: new AgentStatus(identity, clock) };
}

const plan = (path: string, timeout: number): TemplatePlan => ({
  name: path,
  source: path,
  target: { path, check: { run: ["true"], timeout } },
  prefixes: ["/services"],
  format: "plain",
});

test("what a reporter says is what its loop has found out", async () => {
  const { clock, status } = agent();
  const said: string[] = [];
  const reporter = {
    report: (fault: Fault, retryInMs: number, consequence?: string) =>
      said.push(`${fault.code} ${retryInMs} ${consequence}`),
    resolved: () => said.push("over"),
  };
  const following = withLiveness(reporter, status.follower("following"));
  assert.equal(status.report().keyspace.reachable, undefined);
  following.report(down, 100, "as it was");
  assert.equal(status.report().keyspace.reachable, false);
  await clock.advance(5000);
  following.resolved();
  assert.deepEqual(said, ["X_DOWN 100 as it was", "over"]);
  assert.deepEqual(status.report(), {
    version: "1.2.3",
    pid: 4711,
    uptimeMs: 5000,
    keyspace: { url: "memory:", reachable: true, forMs: 0 },
    loops: [{ name: "following", state: "works", forMs: 0, agoMs: 0 }],
  });
});

test("one who follows the keyspace and never gets anywhere hangs; one who fails does not", async () => {
  const { clock, status } = agent();
  const reporter = withLiveness(silent, status.follower("following"));
  for (let i = 0; i < 5; i += 1) {
    await clock.advance(50_000);
    reporter.report(down, 1000);
  }
  assert.equal(isHealthy(status.report()), true);
  await clock.advance(62_000);
  assert.equal(isHealthy(status.report()), false);
});

test("a probe that does not end makes its agent unhealthy, however well the others do", async () => {
  const { clock, status } = agent();
  const loop = status.loop("health checks");
  const stuck = Promise.withResolvers<{ ok: true; tookMs: number }>();
  const check = (probe: Check["probe"]) => watched({ title: "x", probe }, 500, loop);
  const probing = check(() => stuck.promise).probe(never);
  const quick = check(async () => ({ ok: true, tookMs: 1 }));
  for (let i = 0; i < 10; i += 1) {
    await clock.advance(1000);
    await quick.probe(never);
  }
  assert.equal(isHealthy(status.report()), true);
  await clock.advance(501);
  assert.equal(isHealthy(status.report()), false);
  stuck.resolve({ ok: true, tookMs: 1 });
  await probing;
  assert.equal(isHealthy(status.report()), true);
});

test("files are ready once each was proved, and a turn may take as long as its commands", async () => {
  const { clock, status } = agent();
  const files = status.files("a, b", [plan("/a", 90_000), plan("/b", 30_000)]);
  status.quarantined = () => [{ key: "/services/web/x", revision: "3", why: "its port is 0" }];
  assert.equal(isReady(status.report()), false);
  files.begins();
  await clock.advance(180_000);
  assert.equal(isHealthy(status.report()), true);
  await clock.advance(1);
  assert.equal(isHealthy(status.report()), false);
  files.served("17");
  withLiveness(silent, files.loop).resolved();
  const report = status.report();
  assert.deepEqual([isHealthy(report), isReady(report)], [true, true]);
  assert.deepEqual(report.watch, {
    templates: ["/a", "/b"].map((target) => ({ target, revision: "17", state: "served" })),
    quarantined: [{ key: "/services/web/x", revision: "3", why: "its port is 0" }],
    retained: [],
  });
  status.held = () => [
    { service: "web", retained: 8, live: 0, untilMs: clock.now() + 5000 },
    { service: "api", retained: 1, live: 0, untilMs: Number.POSITIVE_INFINITY },
  ];
  status.cachedSnapshot = () => ({ savedAt: "2026-11-21T10:00:00.000Z", revision: "7" });
  const { retained: held, cachedSnapshot: lastGood } = status.report().watch ?? {};
  assert.deepEqual(held, [
    { service: "web", retained: 8, live: 0, forMs: 5000 },
    { service: "api", retained: 1, live: 0 },
  ]);
  assert.equal(lastGood?.revision, "7");
});

test("instances are shown with what is known of each", () => {
  const at = (id: string) => ({ service: "web", id, host: "10.0.0.1", port: 80 });
  const failing = {
    title: "tcp 10.0.0.1:80",
    verdict: "down",
    against: 0,
    why: "refused",
    sinceMs: 0,
  } as const;
  const health = new Map([
    ["web/a", { verdict: "up", checks: [] } as const],
    ["web/b", { verdict: "down", checks: [failing] } as const],
  ]);
  const isA = (name: string) => name === "web/a";
  const up = (id: string) => ({ instance: at(id), checks: [], standing: { state: "up" } as const });
  const paused = { ...up("d"), standing: { state: "down", why: "it is paused" } as const };
  const leftOut = [{ what: "container x", why: "SERVICE_NAME is empty" }];
  const found = {
    found: [up("a"), up("b"), up("c"), paused],
    quarantined: leftOut,
    isComplete: true,
  };
  const said = presenceStatus(found, health, { isAnnounced: isA, isLeaving: isA });
  assert.deepEqual(said.quarantined, leftOut);
  assert.deepEqual(said.instances, [
    { name: "web/a", verdict: "up", why: "", registered: true, draining: true },
    {
      name: "web/b",
      verdict: "down",
      why: "tcp 10.0.0.1:80: refused",
      registered: false,
      draining: false,
    },
    { name: "web/c", verdict: "unknown", why: "", registered: false, draining: false },
    { name: "web/d", verdict: "down", why: "it is paused", registered: false, draining: false },
  ]);
});
