import assert from "node:assert/strict";
import { test } from "node:test";
import {
  conditions,
  isHealthy,
  isReady,
  notReadyReasons,
  stalledLoops,
} from "../../../lib/status/conditions.ts";
import {
  failing,
  loop,
  outOfReach,
  reportOf,
  withInstance,
  withTemplate,
  withWatch,
} from "./facts.ts";

const verdictsOf = (report: ReturnType<typeof reportOf>) => [isHealthy(report), isReady(report)];

test("healthy, ready, and nothing to report", () => {
  assert.deepEqual(verdictsOf(reportOf()), [true, true]);
  assert.deepEqual(conditions(reportOf()), []);
});

test("a stalled loop makes it unhealthy, and nothing else does", () => {
  const late = reportOf({ loops: [loop("health checks", { lastMs: 70_000, dueMs: 88_000 })] });
  assert.deepEqual(verdictsOf(late), [false, false]);
  assert.deepEqual(stalledLoops(late), [
    "health checks: stalled, last report 30s ago, overdue by 12s",
  ]);
  for (const report of [
    outOfReach(),
    withInstance({ verdict: "down", why: "tcp 10.0.0.1:80: refused", registered: false }),
    withTemplate(failing, "17"),
    withTemplate({ state: "unknown" }),
  ]) {
    assert.equal(isHealthy(report), true);
  }
});

test("ready once every healthy instance is registered and every file was verified", () => {
  const looking = reportOf({ presence: { instances: [], quarantined: [], isComplete: false } });
  assert.deepEqual(notReadyReasons(looking), ["discovery has not completed"]);
  assert.deepEqual(notReadyReasons(withInstance({ registered: false })), [
    "web/10.0.0.1:80 is healthy and not registered yet",
  ]);
  assert.deepEqual(notReadyReasons(withInstance({ verdict: "unknown", registered: false })), [
    "web/10.0.0.1:80 has not been checked yet",
  ]);
  assert.deepEqual(notReadyReasons(withTemplate({ state: "unknown" })), [
    "/etc/haproxy/haproxy.cfg is not in sync yet",
  ]);
  for (const ready of [
    withInstance({ verdict: "down", registered: false }),
    withInstance({ registered: false, draining: true }),
    withTemplate(failing, "17"),
    outOfReach(),
    reportOf({ presence: undefined, watch: undefined }),
  ]) {
    assert.equal(isReady(ready), true);
  }
});

test("conditions are reported once, the keyspace first", () => {
  assert.deepEqual(conditions(outOfReach()), [
    "etcd://127.0.0.1:2379 has been unreachable for 12s: no store answered",
  ]);
  assert.deepEqual(conditions(withTemplate(failing)), [
    "haproxy.cfg has been failing for 12s: no store answered",
  ]);
  assert.deepEqual(conditions(withInstance({ verdict: "down", why: "tcp: refused" })), [
    "web/10.0.0.1:80 is unhealthy: tcp: refused",
  ]);
  const quarantined = [{ key: "/services/web/x", revision: "9", why: "its port is 0" }];
  assert.deepEqual(conditions(withWatch({ quarantined })), [
    "/services/web/x is quarantined: its port is 0",
  ]);
  const cachedSnapshot = { savedAt: "2026-11-21T10:00:00.000Z", revision: "7" };
  assert.deepEqual(conditions(withWatch({ cachedSnapshot })), [
    "using the cached snapshot of 2026-11-21T10:00:00.000Z at revision 7",
  ]);
  const retained = [
    { service: "web", retained: 8, live: 2, untilMs: 112_000 },
    { service: "api", retained: 1, live: 0, untilMs: Number.POSITIVE_INFINITY },
  ];
  assert.deepEqual(conditions(withWatch({ retained })), [
    "web: 8 lost instances are retained by the mass-loss guard for 12s more, 2 left",
    "api: 1 lost instance is retained by the mass-loss guard until it has others, 0 left",
  ]);
});
