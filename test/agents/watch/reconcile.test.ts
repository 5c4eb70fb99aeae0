import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import { eventually } from "../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "./scene.ts";

const rejection = new Fault("PROXY_REJECTED", true, "no");

/** A watcher whose file was verified to be in sync with one instance. */
async function inSync(t: TestContext, options: WatchSceneOptions = {}) {
  const scene = await watchScene(t, options);
  await scene.register("web", "10.0.0.1:80");
  const { ended, hasEnded, stop } = scene.run();
  await scene.clock.advance(0);
  await scene.logged("applied");
  return { ...scene, ended, hasEnded, stop };
}

test("a change of the keyspace reaches the file and the proxy, and status is in sync with its revision", async (t) => {
  const { register, clock, becomes, attempts, report, logged, path, log } = await inSync(t);
  await becomes("web: 10.0.0.1:80*1\n");
  assert.deepEqual(report().watch, {
    templates: [
      { target: path, revision: "1", state: "in sync", why: "", since: new Date(0).toISOString() },
    ],
    ...{ quarantined: [], retained: [] },
  });
  await clock.advance(1000);
  await register("web", "10.0.0.2:80");
  await clock.advance(0);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1\n");
  await logged("applied", 2);
  assert.deepEqual(await attempts(2), [0, 1000], "the first change after a rest is not delayed");
  assert.equal(report().watch?.templates[0]?.state, "in sync");
  assert.deepEqual(log.events, ["file_written", "applied", "file_written", "applied"]);
});

test("an empty keyspace is rendered; nothing is as long as it is unknown", async (t) => {
  const { run, clock, keyspace, report, logged, text, becomes } = await watchScene(t, {
    before: (keyspace) => keyspace.disconnect(),
  });
  run();
  await clock.advance(10_000);
  assert.equal(report().watch?.templates[0]?.state, "unknown");
  assert.equal(report().keyspace.reachable, false);
  assert.equal(await text(), "");
  keyspace.reconnect();
  await clock.advance(2000);
  await logged("applied");
  await becomes("");
  assert.equal(report().watch?.templates[0]?.state, "in sync");
  assert.equal(report().keyspace.reachable, true);
});

test("changes that follow each other closely are applied together", async (t) => {
  const { register, clock, attempts, becomes, proxy } = await inSync(t);
  for (const host of ["10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"]) {
    await register("web", host);
    await clock.advance(40);
  }
  assert.equal(proxy.attempts.length, 1);
  await clock.advance(10);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1 10.0.0.4:80*1\n");
  assert.deepEqual(await attempts(2), [0, 130]);
});

test("a change that does not concern the text leaves the proxy alone", async (t) => {
  const { register, deregister, clock, logged, proxy, report, store } = await inSync(t);
  await clock.advance(1000);
  await register("web", "10.0.0.1:80");
  await clock.advance(1000);
  await register("web", "10.0.0.2:80");
  const { revision } = await readSnapshot(store.open(), ["/services"], never);
  await clock.advance(0);
  await logged("applied", 2);
  assert.equal(proxy.attempts.length, 2);
  assert.equal(report().watch?.templates[0]?.revision, revision);
  await deregister("web", "10.0.0.2:80");
});

test("a fault is retried with a delay that doubles, and the first one again after a success", async (t) => {
  const { register, clock, proxy, sleepsUntil, logged, report, becomes, text } = await inSync(t);
  await clock.advance(1000);
  proxy.rejects = () => rejection;
  await register("web", "10.0.0.2:80");
  await clock.advance(0);
  for (const [atMs, nextMs] of [
    [1000, 2500],
    [2500, 5500],
    [5500, 11_500],
    [11_500, 17_500],
  ] as const) {
    await sleepsUntil(nextMs);
    assert.equal(proxy.timesMs.at(-1), atMs);
    assert.equal(report().watch?.templates[0]?.state, "failing");
    assert.equal(await text(), "web: 10.0.0.1:80*1\n", "the previous file was restored");
    if (atMs === 11_500) proxy.rejects = () => undefined;
    await clock.advance(nextMs - atMs);
  }
  await logged("recovered");
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1\n");
  assert.equal(report().watch?.templates[0]?.state, "in sync");
  // The first time, also without what has changed: the proxy rejects that, too.
  assert.deepEqual(proxy.timesMs, [0, 1000, 1000, 2500, 5500, 11_500, 17_500]);

  proxy.rejects = () => rejection;
  await register("web", "10.0.0.3:80");
  await clock.advance(0);
  await sleepsUntil(19_000);
});

test("a fault is logged once with its consequence, however often it is retried", async (t) => {
  const { register, clock, proxy, sleepsUntil, log, count } = await inSync(t);
  await clock.advance(1000);
  proxy.rejects = () => rejection;
  await register("web", "10.0.0.2:80");
  await clock.advance(0);
  for (const [nextMs, waitMs] of [
    [2500, 1500],
    [5500, 3000],
    [11_500, 6000],
  ] as const) {
    await sleepsUntil(nextMs);
    await clock.advance(waitMs);
  }
  assert.equal(count("fault"), 1);
  const { message } = log.lines.find(({ event }) => event === "fault") ?? {};
  assert.equal(message, "no; the previous file is kept; retrying in 1.5s");
});

test("a change is tried at once, whatever the delay after a fault", async (t) => {
  const { register, deregister, clock, proxy, sleepsUntil, becomes, attempts } = await inSync(t);
  proxy.rejects = () => rejection;
  await clock.advance(1000);
  await register("web", "10.0.0.2:80");
  await clock.advance(0);
  await sleepsUntil(2500);
  await clock.advance(1500);
  await sleepsUntil(5500);
  await clock.advance(500);
  proxy.rejects = () => undefined;
  await deregister("web", "10.0.0.2:80");
  await register("web", "10.0.0.3:80");
  await clock.advance(0);
  assert.deepEqual(await attempts(5), [0, 1000, 1000, 2500, 3000]);
  await becomes("web: 10.0.0.1:80*1 10.0.0.3:80*1\n");
});

test("a text that the check command rejects never reaches the file", async (t) => {
  const run = ["sh", "-c", '! grep -q 10.0.0.2 "$0"', "{candidate}"];
  const scene = await inSync(t, { check: { run, timeout: 3_600_000 } });
  const { register, deregister, clock, report, text, logged, proxy, count, sleepsUntil } = scene;
  await clock.advance(1000);
  await register("db", "10.0.0.2:80");
  await clock.advance(0);
  await logged("quarantined");
  await sleepsUntil(2500);
  assert.equal(await text(), "web: 10.0.0.1:80*1\n");
  assert.equal(proxy.attempts.length, 1);
  assert.equal(count("fault"), 0);
  await deregister("db", "10.0.0.2:80");
  await clock.advance(50);
  await eventually("it is forgotten", () => report().watch?.quarantined.length === 0);
  assert.equal(proxy.attempts.length, 1, "the proxy was left alone");
});

test("a reload that comes too soon is deferred, and then has the latest state", async (t) => {
  const scene = await inSync(t, { minIntervalMs: 5000 });
  const { register, clock, sleepsUntil, attempts, becomes, proxy, text, report } = scene;
  await clock.advance(1000);
  await register("web", "10.0.0.2:80");
  await clock.advance(0);
  await sleepsUntil(5000);
  assert.equal(await text(), "web: 10.0.0.1:80*1\n", "nothing is written before");
  assert.equal(report().watch?.templates[0]?.state, "in sync");
  await clock.advance(3000);
  await register("web", "10.0.0.3:80");
  await clock.advance(999);
  assert.equal(proxy.attempts.length, 1);
  await clock.advance(1);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1\n");
  assert.deepEqual(await attempts(2), [0, 5000]);
});

test("what takes no reload is not deferred, even while something else is", async (t) => {
  const scene = await watchScene(t, { minIntervalMs: 5000 });
  const { register, clock, run, logged, sleepsUntil, attempts, proxy } = scene;
  proxy.canAdjust = () => false;
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(0);
  await logged("applied");
  await clock.advance(1000);
  await register("web", "10.0.0.2:80");
  await clock.advance(0);
  await sleepsUntil(5000);
  await clock.advance(500);
  proxy.canAdjust = () => true;
  await register("web", "10.0.0.3:80");
  await clock.advance(0);
  assert.deepEqual(await attempts(2), [0, 1500]);
  await logged("applied", 2);
});

test("a file that no proxy reads is written, and logged as such", async (t) => {
  const { becomes, log, proxy } = await inSync(t, { hasProxy: false });
  await becomes("web: 10.0.0.1:80*1\n");
  assert.equal(log.lines.at(-1)?.message, "out in sync: no proxy to reload (0ms)");
  assert.equal(proxy.attempts.length, 0);
});

test("an error that is no fault ends the watcher", async (t) => {
  const { register, clock, proxy, ended } = await inSync(t);
  await clock.advance(1000);
  proxy.rejects = () => {
    throw new TypeError("a bug");
  };
  await register("web", "10.0.0.2:80");
  await clock.advance(0);
  await assert.rejects(ended, { message: "a bug" });
});

test("a watcher that is stopped leaves the file, and changes nothing more", async (t) => {
  const { register, clock, stop, ended, text } = await inSync(t);
  stop();
  await ended;
  await clock.advance(1000);
  await register("web", "10.0.0.2:80");
  await clock.advance(1000);
  assert.equal(await text(), "web: 10.0.0.1:80*1\n");
});

test("a last known state is kept while the keyspace is unreachable, and then made up for", async (t) => {
  const { register, clock, keyspace, becomes, report, text, log } = await inSync(t);
  keyspace.disconnect();
  await clock.advance(1000);
  await register("web", "10.0.0.2:80");
  await clock.advance(60_000);
  assert.equal(await text(), "web: 10.0.0.1:80*1\n");
  assert.equal(report().keyspace.reachable, false);
  const { message = "" } = log.lines.find(({ event }) => event === "fault") ?? {};
  assert.match(message, /; the last known state is kept; retrying in/);
  keyspace.reconnect();
  await clock.advance(2000);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1\n");
  assert.equal(report().keyspace.reachable, true);
});

test("a first file that the proxy rejects is removed, and none is reported as kept", async (t) => {
  const scene = await watchScene(t);
  scene.proxy.rejects = () => rejection;
  await scene.register("web", "10.0.0.1:80");
  scene.run();
  await scene.clock.advance(0);
  await scene.logged("fault");
  const { message } = scene.log.lines.find(({ event }) => event === "fault") ?? {};
  assert.equal(message, "no; there is no file yet; retrying in 1.5s");
  assert.equal(await scene.text(), "");
});
