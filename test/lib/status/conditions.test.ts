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

test("all is well: healthy, ready, and nothing to say", () => {
  assert.deepEqual(verdictsOf(reportOf()), [true, true]);
  assert.deepEqual(conditions(reportOf()), []);
});

test("a loop that is late makes it unhealthy, and nothing else does", () => {
  const late = reportOf({ loops: [loop("health checks", { lastMs: 70_000, dueMs: 88_000 })] });
  assert.deepEqual(verdictsOf(late), [false, false]);
  assert.deepEqual(stalledLoops(late), [
    "health checks hangs: last heard of 30s ago, and late by 12s",
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

test("ready is when all that is up is announced, and every file was once in force", () => {
  const looking = reportOf({ presence: { instances: [], quarantined: [], isComplete: false } });
  assert.deepEqual(notReadyReasons(looking), ["who is here was not found out yet"]);
  assert.deepEqual(notReadyReasons(withInstance({ registered: false })), [
    "web/10.0.0.1:80 is up and not announced yet",
  ]);
  assert.deepEqual(notReadyReasons(withInstance({ verdict: "unknown", registered: false })), [
    "web/10.0.0.1:80 was not checked yet",
  ]);
  assert.deepEqual(notReadyReasons(withTemplate({ state: "unknown" })), [
    "/etc/haproxy/haproxy.cfg is not in force yet",
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

test("what an operator should know of is said once, the keyspace first", () => {
  assert.deepEqual(conditions(outOfReach()), [
    "etcd://127.0.0.1:2379 is out of reach for 12s: no store answered",
  ]);
  assert.deepEqual(conditions(withTemplate(failing)), [
    "haproxy.cfg fails for 12s: no store answered",
  ]);
  assert.deepEqual(conditions(withInstance({ verdict: "down", why: "tcp: refused" })), [
    "web/10.0.0.1:80 is down: tcp: refused",
  ]);
  const quarantined = [{ key: "/services/web/x", revision: "9", why: "its port is 0" }];
  assert.deepEqual(conditions(withWatch({ quarantined })), [
    "/services/web/x is left out: its port is 0",
  ]);
  const lastGood = { savedAt: "2026-11-21T10:00:00.000Z", revision: "7" };
  assert.deepEqual(conditions(withWatch({ cachedSnapshot: lastGood })), [
    "what was last known of the keyspace, as of 2026-11-21T10:00:00.000Z at revision 7 is in force",
  ]);
  const held = [
    { service: "web", retained: 8, live: 2, untilMs: 112_000 },
    { service: "api", retained: 1, live: 0, untilMs: Number.POSITIVE_INFINITY },
  ];
  assert.deepEqual(conditions(withWatch({ retained: held })), [
    "web has 2 left and is shown with 8 that it has lost, for 12s more",
    "api has 0 left and is shown with 1 that it has lost, until it has others",
  ]);
});
