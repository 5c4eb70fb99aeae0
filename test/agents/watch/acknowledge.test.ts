import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import type { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import type { WatcherFile } from "../../../lib/model/watcher-file.ts";
import { denial } from "../../support/faulty-keyspace.ts";
import { eventually } from "../../support/process.ts";
import { watchScene } from "./scene.ts";

const draining = '{"host":"10.0.0.2","port":80,"weight":0}';
const key = "/services/web/10.0.0.2:80";

/** The entry of a watcher of /services, with its session. */
const entryOf = (session: number, drained: Readonly<Record<string, string>> = {}) =>
  JSON.stringify({ session: String(session), prefixes: ["/services"], drained });

/** An entry without the state of the files. */
function acknowledgedIn(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const { files, ...acknowledged } = JSON.parse(value) as Readonly<Record<string, unknown>>;
  assert.ok(Array.isArray(files));
  return JSON.stringify(acknowledged);
}

test("a watcher names its folders, and acknowledges a drain once its proxy serves it", async (t) => {
  const { run, clock, register, store, entry, logged, proxy } = await watchScene(t);
  await register("web", "10.0.0.1:80");
  const { stop, ended } = run();
  await clock.advance(0);
  await logged("applied");
  assert.equal(acknowledgedIn(await entry()), entryOf(2));

  proxy.rejects = () => new Fault("PROXY_REJECTED", true, "not now");
  await clock.advance(1000);
  store.write(key, draining);
  await clock.advance(0);
  await logged("fault");
  assert.equal(acknowledgedIn(await entry()), entryOf(2), "not verified yet");

  proxy.rejects = () => undefined;
  await clock.advance(1500);
  await logged("recovered");
  await clock.advance(0);
  const { revision = "" } = (await read(store, key)) ?? {};
  assert.equal(acknowledgedIn(await entry()), entryOf(2, { [key]: revision }));
  stop();
  await ended;
  assert.equal(acknowledgedIn(await entry()), undefined, "it is removed with the watcher");
});

test("a watcher acknowledges for a proxy that has ended once the file for its start is written", async (t) => {
  const { run, clock, register, store, entry, logged, proxy, becomes } = await watchScene(t);
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(0);
  await logged("applied");
  /** Time passes, in which the proxy is looked at and the file is tried again. */
  const pass = async () => {
    for (let i = 0; i < 20; i += 1) {
      await clock.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  proxy.rejects = () => new Fault("PROXY_REJECTED", true, "not now");
  proxy.observed = { state: "down", why: "it has ended", hasEnded: true };
  store.write(key, draining);
  await pass();
  assert.equal(acknowledgedIn(await entry()), entryOf(2), "the previous file was restored");
  proxy.rejects = () => new Fault("PROXY_NOT_RUNNING", true, "it does not answer");
  proxy.observed = { state: "down", why: "it does not answer" };
  await pass();
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*0\n");
  assert.equal(acknowledgedIn(await entry()), entryOf(2), "it may run, and send requests");
  proxy.observed = { state: "down", why: "it has ended", hasEnded: true };
  await eventually("it is acknowledged", async () => {
    await clock.advance(500);
    return acknowledgedIn(await entry()) === entryOf(2, { [key]: "3" });
  });
});

test("the entry of a watcher is written again after its session has expired", async (t) => {
  const { run, clock, store, entry, logged } = await watchScene(t);
  run();
  await clock.advance(0);
  await logged("applied");
  store.expireSessions();
  await clock.advance(0);
  assert.equal(acknowledgedIn(await entry()), undefined);
  await clock.advance(500);
  assert.equal(acknowledgedIn(await entry()), entryOf(3));
});

test("a watcher restores its entry when another client overwrites or removes it", async (t) => {
  const { run, clock, store, entry, entryKey, logged } = await watchScene(t);
  run();
  await clock.advance(0);
  await logged("applied");
  // The state of the file is written.
  await clock.advance(20_000);
  const forged = entryOf(2, { [key]: "99" });
  store.write(entryKey, forged);
  await clock.advance(0);
  assert.equal(acknowledgedIn(await entry()), entryOf(2));

  // Not at once again: another client may do so for ever.
  store.write(entryKey, entryOf(2));
  await clock.advance(9999);
  assert.equal((await read(store, entryKey))?.owner, undefined);
  await clock.advance(1);
  assert.equal((await read(store, entryKey))?.owner, "2");

  const rival = await store.open().open(60_000, never);
  await rival.put(entryKey, forged, never, { overwrites: true });
  await clock.advance(10_000);
  assert.deepEqual(
    [acknowledgedIn(await entry()), (await read(store, entryKey))?.owner],
    [entryOf(2), "2"],
  );
});

async function read(store: MemoryStore, key: string): Promise<Entry | undefined> {
  return (await readSnapshot(store.open(), [key], never)).get(key);
}

test("a watcher that may not write its entry reports that once, and serves all the same", async (t) => {
  const scene = await watchScene(t, {
    before: (keyspace) => {
      keyspace.denied = () => denial("memory:");
    },
  });
  const { run, clock, register, logged, count, log, report } = scene;
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(600_000);
  await logged("applied");
  assert.equal(count("watcher_entry_denied"), 1);
  assert.equal(count("fault"), 0);
  const { message = "" } = log.lines.find(({ event }) => event === "watcher_entry_denied") ?? {};
  assert.match(message, /set watch\.acknowledge to false/);
  assert.equal(report().watch?.templates[0]?.state, "in sync");
});

test("a watcher with acknowledge: false has no entry", async (t) => {
  const { run, clock, entry, logged } = await watchScene(t, { plan: { acknowledge: false } });
  run();
  await clock.advance(0);
  await logged("applied");
  assert.equal(acknowledgedIn(await entry()), undefined);
});

test("the entry has the state of the files, which is written once in 5 s at the most and not while nothing changes", async (t) => {
  const { run, clock, register, store, entry, logged, proxy, path } = await watchScene(t);
  const file = async () => {
    const { files = [] } = JSON.parse((await entry()) ?? "{}") as { files?: WatcherFile[] };
    return files[0];
  };
  const revision = async () => (await read(store, "/sidekick/watchers/watcher.1"))?.revision;
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(0);
  await logged("applied");
  await clock.advance(5000);
  const { digest = "", ...first } = (await file()) ?? {};
  assert.deepEqual(first, { target: path, state: "in sync", generation: 1, revision: "1" });
  assert.match(digest, /^[0-9a-f]{12}$/);
  const before = await revision();
  await clock.advance(600_000);
  assert.equal(await revision(), before, "idle");

  // It flaps: up to the first write and after it, the entry changes once in 5 s.
  const writes = new Set([before]);
  for (let i = 0; i < 40; i += 1) {
    proxy.observed =
      i % 2 === 0 ? { state: "down", why: "it does not answer" } : { state: "serving" };
    await clock.advance(500);
    writes.add(await revision());
  }
  assert.ok(writes.size <= 1 + 20 / 5 + 1, `${writes.size - 1} writes in 20 s`);
  proxy.observed = { state: "down", why: "it does not answer" };
  await eventually("it shows that the proxy is down", async () => {
    await clock.advance(500);
    return (await file())?.state === "proxy down";
  });
});
