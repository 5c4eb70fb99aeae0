import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../../lib/base/cell.ts";
import { Fault } from "../../../../lib/base/fault.ts";
import type { Log } from "../../../../lib/base/log.ts";
import { never, untilAborted } from "../../../../lib/base/signal.ts";
import {
  type DrainedEntries,
  type WatchedGroup,
  WatcherEntryPublisher,
} from "../../../../lib/keyspace/acks/publish.ts";
import { type Acks, waitForAcks } from "../../../../lib/keyspace/acks/wait.ts";
import type { KeySink, KeySource, Session } from "../../../../lib/keyspace/contract.ts";
import { createFileKeyspace } from "../../../../lib/keyspace/file/keyspace.ts";
import { MemoryStore } from "../../../../lib/keyspace/memory.ts";
import { encodeWatcherEntry, watchersFolder } from "../../../../lib/model/watcher-entry.ts";
import type { FileState, WatcherFile } from "../../../../lib/model/watcher-file.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { throwAwayFolder } from "../../../support/process.ts";

const web = "/services/web/10.0.0.1:80";
const random = () => 0.5;

/** Files that are made from what lies below a folder. */
function group(prefix: string): WatchedGroup {
  return { prefixes: [prefix] };
}

/** The instance is drained since this revision. */
function drained(revision: string): DrainedEntries {
  return new Map([[web, revision]]);
}

const nothing: DrainedEntries = new Map();

function drainedIn({ desired }: WatcherEntryPublisher): Readonly<Record<string, string>> {
  const [value = "{}"] = [...desired.value.values()];
  return (JSON.parse(value) as { drained: Record<string, string> }).drained;
}

test("an instance is acknowledged once every group that reads it is verified, and no longer once one is not", () => {
  const [one, two, other] = [group("/services"), group("/services/web"), group("/config")];
  const acknowledgement = new WatcherEntryPublisher("w", [one, two, other]);
  assert.deepEqual(drainedIn(acknowledgement), {});
  acknowledgement.verified(one, drained("7"));
  assert.deepEqual(drainedIn(acknowledgement), {});
  acknowledgement.verified(two, drained("7"));
  assert.deepEqual(drainedIn(acknowledgement), { [web]: "7" });
  acknowledgement.verified(one, drained("8"));
  assert.deepEqual(drainedIn(acknowledgement), {}, "the other group is behind");
  acknowledgement.verified(two, drained("8"));
  assert.deepEqual(drainedIn(acknowledgement), { [web]: "8" });
  acknowledgement.verified(one, nothing);
  assert.deepEqual(drainedIn(acknowledgement), {});
});

test("without drains the entry is written once", () => {
  const one = group("/services");
  const acknowledgement = new WatcherEntryPublisher("w", [one]);
  for (let i = 0; i < 5; i += 1) acknowledgement.verified(one, nothing);
  assert.equal(acknowledgement.desired.version, 0);
});

function logging() {
  const events: string[] = [];
  const say = (event: string) => void events.push(event);
  const log: Log = { debug: say, info: say, warn: say, error: say };
  const reporter = { report: ({ code }: Fault) => say(code), resolved: () => {} };
  return { events, log, reporter };
}

function keeping(
  t: TestContext,
  acknowledgement: WatcherEntryPublisher,
  sink: KeySink & KeySource,
  clock: ManualClock,
) {
  const stopping = new AbortController();
  const { events, log, reporter } = logging();
  const { signal } = stopping;
  const kept = untilAborted(
    signal,
    acknowledgement.keep(sink, { clock, random, log, reporter }, signal),
  );
  const stop = async () => {
    stopping.abort();
    await kept;
  };
  t.after(stop);
  return { events, stop };
}

test("a drain waits for all watchers, and not for one that has gone", async (t) => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const groups = [group("/services"), group("/services"), group("/config")] as const;
  const [a, b, c] = groups.map((one, i) => new WatcherEntryPublisher(`w${i}`, [one])) as [
    WatcherEntryPublisher,
    WatcherEntryPublisher,
    WatcherEntryPublisher,
  ];
  keeping(t, a, store.open(), clock);
  const second = keeping(t, b, store.open(), clock);
  keeping(t, c, store.open(), clock);
  await clock.advance(0);
  const leaving = new Map([[web, "7"]]);
  let done: unknown;
  const waiting = waitForAcks(store.open(), leaving, 60_000, { clock, random }, never);
  void waiting.then((result) => {
    done = result;
  });
  a.verified(groups[0], drained("7"));
  b.verified(groups[1], drained("6"));
  await clock.advance(1000);
  assert.equal(done, undefined);
  await second.stop();
  await clock.advance(0);
  assert.deepEqual(done, { acknowledged: [web], missing: [], ignored: [] });
});

test("at the limit the watchers that have not acknowledged are named", async (t) => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  keeping(t, new WatcherEntryPublisher("slow", [group("/services")]), store.open(), clock);
  await clock.advance(0);
  const leaving = new Map([
    [web, "7"],
    ["/elsewhere/x", "8"],
  ]);
  const waiting = waitForAcks(store.open(), leaving, 5000, { clock, random }, never);
  await clock.advance(5000);
  assert.deepEqual(await waiting, {
    acknowledged: ["/elsewhere/x"],
    missing: [{ watcher: "slow", key: web }],
    ignored: [],
  });
});

/** The entry of a watcher of /services. */
const entryOf = (session: string, acknowledged: DrainedEntries = nothing) =>
  encodeWatcherEntry({ session, prefixes: ["/services"], drained: acknowledged });

/** Waits for acknowledgements of the drain in a store; `done` is undefined until then. */
function waiting(store: MemoryStore, clock: ManualClock) {
  const state: { done?: Acks } = {};
  const leaving = new Map([[web, "7"]]);
  void waitForAcks(store.open(), leaving, 60_000, { clock, random }, never).then((acks) => {
    state.done = acks;
  });
  return state;
}

test("an entry that no session keeps, or another one than its watcher's, delays no drain", async () => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const [left, copied] = [`${watchersFolder}/left`, `${watchersFolder}/copied`];
  store.write(left, entryOf("1"));
  const session = await store.open().open(60_000, never);
  await session.put(copied, entryOf("of another"), never);
  const wait = waiting(store, clock);
  await clock.advance(0);
  assert.deepEqual(wait.done, {
    acknowledged: [web],
    missing: [],
    ignored: [
      { key: copied, why: "it does not name the session that keeps it" },
      { key: left, why: "no session keeps it" },
    ],
  });
});

test("an overwritten entry of a frozen watcher does not acknowledge, until its session would have expired", async () => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const key = `${watchersFolder}/frozen`;
  const session = await store.open().open(60_000, never);
  await session.put(key, entryOf(session.id), never);
  const wait = waiting(store, clock);
  await clock.advance(0);
  store.write(key, entryOf(session.id, drained("99")));
  await clock.advance(9000);
  assert.equal(wait.done, undefined);
  // Restored, and overwritten again: the time begins anew.
  await session.put(key, entryOf(session.id), never);
  await clock.advance(0);
  store.write(key, entryOf(session.id, drained("99")));
  await clock.advance(9999);
  assert.equal(wait.done, undefined);
  await clock.advance(1);
  const ignored = [{ key, why: "no session keeps it" }];
  assert.deepEqual(wait.done, { acknowledged: [web], missing: [], ignored });
});

test("a frozen watcher is no longer waited for once its entry is removed", async () => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const key = `${watchersFolder}/frozen`;
  const session = await store.open().open(60_000, never);
  await session.put(key, entryOf(session.id), never);
  const wait = waiting(store, clock);
  await clock.advance(0);
  store.write(key, "{}");
  await clock.advance(0);
  assert.equal(wait.done, undefined);
  store.remove(key, undefined);
  await clock.advance(0);
  assert.deepEqual(wait.done, { acknowledged: [web], missing: [], ignored: [] });
});

test("while the watchers cannot be read, no instance counts as acknowledged", async () => {
  const clock = new ManualClock();
  const next = () => Promise.reject(new Fault("KEYSPACE_UNREACHABLE", true, "no answer"));
  const gone = { watch: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) };
  const waiting = waitForAcks(gone, new Map([[web, "7"]]), 5000, { clock, random }, never);
  await clock.advance(5000);
  assert.deepEqual(await waiting, { acknowledged: [], missing: [], ignored: [] });
});

test("without watchers there is nothing to wait for", async () => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const leaving = new Map([[web, "7"]]);
  const done = await waitForAcks(store.open(), leaving, 5000, { clock, random }, never);
  assert.deepEqual(done, { acknowledged: [web], missing: [], ignored: [] });
});

test("a watcher without permission to write logs that once, and goes on", async (t) => {
  const clock = new ManualClock();
  const denied = new Fault(
    "KEYSPACE_PERMISSION_DENIED",
    true,
    "the keyspace does not let us write",
  );
  const session: Session = {
    id: "1",
    ttlMs: 10_000,
    expired: never,
    put: async () => {
      throw denied;
    },
    remove: async () => {},
    close: async () => {},
  };
  const store = new MemoryStore(clock).open();
  const sink: KeySink & KeySource = { open: async () => session, watch: store.watch.bind(store) };
  const { events } = keeping(t, new WatcherEntryPublisher("w", [group("/services")]), sink, clock);
  await clock.advance(600_000);
  assert.deepEqual(events, ["watcher_entry_denied"]);
});

test("a folder of files keeps the word of a watcher as well", async (t) => {
  const clock = new ManualClock();
  await using keyspace = createFileKeyspace({ folder: await throwAwayFolder(t), clock });
  const one = group("/services");
  const acknowledgement = new WatcherEntryPublisher("w", [one]);
  acknowledgement.verified(one, drained("7"));
  const session = await keyspace.open(10_000, never);
  for (const [key, value] of acknowledgement.desired.value) await session.put(key, value, never);
  const waiting = (revision: string) =>
    waitForAcks(keyspace, new Map([[web, revision]]), 200, { clock, random }, never);
  assert.deepEqual((await waiting("7")).acknowledged, [web]);
  assert.ok([...acknowledgement.desired.value.keys()][0]?.startsWith(watchersFolder));
  await session.close();
});

/** The files of a watcher that a test changes. */
function filesScene() {
  const news = new Cell(0);
  let files: readonly WatcherFile[] = [];
  const become = (...states: readonly FileState[]) => {
    files = states.map((state, i) => ({ target: `/${i}`, state, generation: 1, revision: "1" }));
    news.set(news.value + 1);
  };
  const verifiedWith = (revision: string) => {
    files = files.map((file) => ({ ...file, revision }));
    news.set(news.value + 1);
  };
  become("in sync");
  return { source: { news, current: () => files }, become, verifiedWith };
}

function fileStatesIn({ desired }: WatcherEntryPublisher): readonly string[] {
  const [value = "{}"] = [...desired.value.values()];
  const { files = [] } = JSON.parse(value) as { files?: readonly WatcherFile[] };
  return files.map(({ state }) => state);
}

test("changes of files are written once in 5 s at the most, and an acknowledgement at once, with their state", async (t) => {
  const clock = new ManualClock();
  const one = group("/services");
  const { source, become, verifiedWith } = filesScene();
  const publisher = new WatcherEntryPublisher("w", [one], source);
  keeping(t, publisher, new MemoryStore(clock).open(), clock);
  await clock.advance(10_000);
  const { version } = publisher.desired;
  become("failing");
  await clock.advance(250);
  assert.deepEqual(fileStatesIn(publisher), ["failing"]);
  become("out of sync");
  await clock.advance(4000);
  assert.deepEqual(fileStatesIn(publisher), ["failing"], "it was written just now");
  publisher.verified(one, drained("7"));
  assert.deepEqual(drainedIn(publisher), { [web]: "7" });
  assert.deepEqual(fileStatesIn(publisher), ["out of sync"]);
  assert.equal(publisher.desired.version, version + 2);
  for (let i = 0; i < 100; i += 1) {
    become(i % 2 ? "in sync" : "proxy down");
    await clock.advance(100);
  }
  assert.ok(publisher.desired.version <= version + 2 + 3);
  become("in sync");
  await clock.advance(5000);
  assert.deepEqual(fileStatesIn(publisher), ["in sync"]);
  const last = publisher.desired.version;
  verifiedWith("99");
  await clock.advance(60_000);
  assert.equal(publisher.desired.version, last, "a later revision alone is not written");
});
