import assert from "node:assert/strict";
import { test } from "node:test";
import {
  at,
  failing,
  fault,
  loop,
  outOfReach,
  reportOf,
  withInstance,
  withTemplate,
  withWatch,
} from "./facts.ts";

test("a report has dates, and no empty parts", () => {
  const [since, last] = ["2026-11-21T09:59:00.000Z", "2026-11-21T09:59:59.000Z"];
  assert.deepEqual(reportOf({ presence: undefined, watch: undefined }), {
    healthy: true,
    ready: true,
    degraded: false,
    reasons: [],
    version: "1.2.3",
    pid: 4711,
    configuration: ["/etc/sidekick.yaml"],
    at: "2026-11-21T10:00:00.000Z",
    since,
    phase: "running",
    keyspace: { url: "etcd://127.0.0.1:2379", reachable: true, since },
    loops: [
      { name: "following", state: "ok", since, last },
      { name: "haproxy.cfg", state: "ok", since, last },
    ],
  });
});

test("an instance has since when its verdict has not changed, if it has checks", () => {
  const since = (sinceMs: number | undefined) =>
    withInstance({ sinceMs }).presence?.instances[0]?.since;
  assert.deepEqual([since(70_000), since(undefined)], [at(70_000), undefined]);
});

test("a loop is late only past its deadline", () => {
  const late = (dueMs: number | undefined) =>
    reportOf({ loops: [loop("x", { dueMs })] }).loops[0]?.overdueSince;
  assert.deepEqual(
    [late(undefined), late(100_000), late(97_000)],
    [undefined, undefined, at(97_000)],
  );
});

test("the keyspace is unreachable if any follower fails", () => {
  assert.deepEqual(outOfReach().keyspace, {
    url: "etcd://127.0.0.1:2379",
    reachable: false,
    since: at(88_000),
    fault,
  });
  const url = "etcd://127.0.0.1:2379";
  const status = (...loops: ReturnType<typeof loop>[]) =>
    reportOf({ keyspace: { url, loops } }).keyspace;
  const fresh = loop("a", { state: "unknown" });
  assert.deepEqual(status(fresh), { url });
  assert.deepEqual(status(), { url });
  assert.equal(status(fresh, loop("b")).reachable, true);
  assert.equal(status(loop("a"), loop("b", failing)).reachable, false);
  // Reachable for as long as both have been.
  assert.equal(status(loop("a"), loop("b", { sinceMs: 95_000 })).since, at(95_000));
});

test("a file has the worst state of its loop and of what was last observed", () => {
  const state = (...given: Parameters<typeof withTemplate>) => {
    const { state, since } = withTemplate(...given).watch?.templates[0] ?? {};
    return [state, since];
  };
  const observed = (state: "in sync" | "out of sync" | "proxy down") => ({
    observed: { state, sinceMs: 60_000, why: "" },
  });
  assert.deepEqual(state({ state: "unknown" }), ["unknown", at(40_000)]);
  assert.deepEqual(state({}, "17"), ["in sync", at(40_000)]);
  assert.deepEqual(state({}, "17", observed("in sync")), ["in sync", at(60_000)]);
  assert.deepEqual(state(failing), ["failing", at(88_000)]);
  assert.deepEqual(state({}, "17", observed("out of sync")), ["out of sync", at(60_000)]);
  assert.deepEqual(state(failing, "17", observed("out of sync")), ["failing", at(88_000)]);
  assert.deepEqual(state(failing, "17", observed("proxy down")), ["proxy down", at(60_000)]);
  // The revision that was verified before stays known.
  assert.equal(withTemplate(failing, "17").watch?.templates[0]?.revision, "17");
});

test("quarantined and retained entries have the date since when they are", () => {
  const quarantined = [{ key: "/a", revision: "9", why: "its port is 0", sinceMs: 70_000 }];
  const retained = [{ service: "web", retained: 8, live: 2, sinceMs: 90_000, untilMs: 112_000 }];
  const { watch, reasons } = withWatch({ quarantined, retained });
  assert.deepEqual(watch?.quarantined, [
    { key: "/a", revision: "9", why: "its port is 0", since: at(70_000) },
  ]);
  assert.deepEqual(watch?.retained, [
    { service: "web", retained: 8, live: 2, since: at(90_000), until: at(112_000) },
  ]);
  assert.deepEqual(
    reasons.map(({ since }) => since),
    [at(90_000), at(70_000)],
  );
  const things = [{ what: "container x", why: "its name is empty", sinceMs: 60_000 }];
  const { presence } = reportOf({
    presence: { instances: [], quarantined: things, isComplete: true },
  });
  assert.equal(presence?.quarantined[0]?.since, at(60_000));
});
