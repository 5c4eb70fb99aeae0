import assert from "node:assert/strict";
import { test } from "node:test";
import { failing, fault, loop, outOfReach, reportOf, withTemplate } from "./facts.ts";

test("a report has ages in place of times, and no empty parts", () => {
  assert.deepEqual(reportOf({ presence: undefined, watch: undefined }), {
    version: "1.2.3",
    pid: 4711,
    uptimeMs: 60_000,
    phase: "running",
    keyspace: { url: "etcd://127.0.0.1:2379", reachable: true, forMs: 60_000 },
    loops: [
      { name: "following", state: "ok", forMs: 60_000, agoMs: 1000 },
      { name: "haproxy.cfg", state: "ok", forMs: 60_000, agoMs: 1000 },
    ],
  });
});

test("a loop is late only past its deadline", () => {
  const late = (dueMs: number | undefined) =>
    reportOf({ loops: [loop("x", { dueMs })] }).loops[0]?.lateMs;
  assert.deepEqual([late(undefined), late(100_000), late(97_000)], [undefined, undefined, 3000]);
});

test("the keyspace is unreachable if any follower fails", () => {
  assert.deepEqual(outOfReach().keyspace, {
    url: "etcd://127.0.0.1:2379",
    reachable: false,
    forMs: 12_000,
    fault,
  });
  const url = "etcd://127.0.0.1:2379";
  const status = (...loops: ReturnType<typeof loop>[]) =>
    reportOf({ keyspace: { url, loops } }).keyspace;
  const fresh = loop("a", { state: "unknown" });
  assert.deepEqual(status(fresh), { url, forMs: 0 });
  assert.deepEqual(status(), { url, forMs: 0 });
  assert.equal(status(fresh, loop("b")).reachable, true);
  assert.equal(status(loop("a"), loop("b", failing)).reachable, false);
  // Reachable for as long as both have been.
  assert.equal(status(loop("a"), loop("b", { sinceMs: 95_000 })).forMs, 5000);
});

test("a file is in sync, failing, or unknown", () => {
  const state = (...given: Parameters<typeof withTemplate>) =>
    withTemplate(...given).watch?.templates[0];
  const target = "/etc/haproxy/haproxy.cfg";
  assert.deepEqual(state({ state: "unknown" }), { target, state: "unknown" });
  assert.deepEqual(state({}, "17"), { target, state: "in sync", revision: "17" });
  assert.deepEqual(state(failing), { target, state: "failing", fault });
  // The revision that was verified before stays known.
  assert.deepEqual(state(failing, "17"), { target, state: "failing", revision: "17", fault });
});
