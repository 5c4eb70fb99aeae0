import assert from "node:assert/strict";
import { test } from "node:test";
import { fleetWatchers } from "../../agents/fleet.ts";
import { never } from "../../lib/base/signal.ts";
import { MemoryStore } from "../../lib/keyspace/memory.ts";
import { encodeWatcherEntry, watchersFolder } from "../../lib/model/watcher-entry.ts";
import type { WatcherFile } from "../../lib/model/watcher-file.ts";
import { FaultyKeyspace } from "../support/faulty-keyspace.ts";
import { ManualClock } from "../support/manual-clock.ts";

/** A keyspace with the entries of watchers, and what an overview knows of them. */
async function scene() {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const session = await store.open().open(3_600_000, never);
  const add = async (id: string) => {
    const entry = { session: session.id, prefixes: ["/services"], drained: new Map() };
    const file = { target: "/etc/web", state: "in sync", generation: 1 } as const;
    const value = encodeWatcherEntry({ ...entry, files: { files: [file] } });
    await session.put(`${watchersFolder}/${id}`, value, never);
  };
  const keyspace = new FaultyKeyspace(store.open());
  const watchers = fleetWatchers([{ folder: "", keyspace }], "b.1.x", clock);
  const ids = async () => (await watchers(never)).map(({ id }) => id);
  return { clock, keyspace, add, watchers, ids };
}

test("watchers are listed when asked, this one first, once for all askers and at most every five seconds", async () => {
  const { clock, keyspace, add, watchers, ids } = await scene();
  for (const id of ["a.1.x", "b.1.x"]) await add(id);
  await clock.advance(60_000);
  assert.equal(keyspace.watched, 0, "without a question there is no list");
  assert.deepEqual(await Promise.all([ids(), ids()]), [
    ["b.1.x", "a.1.x"],
    ["b.1.x", "a.1.x"],
  ]);
  const [self] = await watchers(never);
  assert.deepEqual([self?.isSelf, self?.files[0]?.state], [true, "in sync"]);
  await add("c.1.x");
  await clock.advance(4999);
  assert.deepEqual(await ids(), ["b.1.x", "a.1.x"]);
  assert.equal(keyspace.watched, 1);
  await clock.advance(1);
  assert.deepEqual(await ids(), ["b.1.x", "a.1.x", "c.1.x"]);
});

test("while the keyspace is lost, the last known watchers are given; once it is back, the current ones", async () => {
  const { clock, keyspace, add, ids } = await scene();
  keyspace.disconnect();
  assert.deepEqual(await ids(), []);
  keyspace.reconnect();
  await add("a.1.x");
  await clock.advance(5000);
  assert.deepEqual(await ids(), ["a.1.x"]);
  keyspace.disconnect();
  await add("c.1.x");
  await clock.advance(5000);
  assert.deepEqual(await ids(), ["a.1.x"]);
  keyspace.reconnect();
  await clock.advance(5000);
  assert.deepEqual(await ids(), ["a.1.x", "c.1.x"]);
});

test("a keyspace that does not answer delays an answer by half a second, and none in the five seconds after", async () => {
  const { clock, keyspace, add, ids, watchers } = await scene();
  await add("a.1.x");
  assert.deepEqual(await ids(), ["a.1.x"]);
  await clock.advance(5000);
  let asked = 0;
  // It does not even notice that the question is over.
  keyspace.watch = async function* () {
    asked += 1;
    yield await new Promise<never>(() => {});
  };
  let isAnswered = false;
  const first = ids().then((known) => {
    isAnswered = true;
    return known;
  });
  await clock.advance(499);
  assert.deepEqual([asked, isAnswered], [1, false]);
  const leaving = new AbortController();
  const left = assert.rejects(watchers(leaving.signal), { message: "gone" });
  leaving.abort(new Error("gone"));
  await left;
  await clock.advance(1);
  assert.deepEqual(await first, ["a.1.x"]);
  await clock.advance(4499);
  assert.deepEqual(await ids(), ["a.1.x"], "at once");
  assert.equal(asked, 1);
});

test("a watcher has an entry in each keyspace that it reads: together they are one watcher, with all its files", async () => {
  const clock = new ManualClock();
  const [root, legacy] = [new MemoryStore(clock), new MemoryStore(clock)];
  const add = async (store: MemoryStore, id: string, files: readonly WatcherFile[]) => {
    const session = await store.open().open(3_600_000, never);
    const entry = { session: session.id, prefixes: ["/services"], drained: new Map() };
    const value = encodeWatcherEntry({ ...entry, files: { files } });
    await session.put(`${watchersFolder}/${id}`, value, never);
  };
  const file = (target: string, generation: number, state: WatcherFile["state"] = "in sync") => ({
    ...{ target, state, generation },
  });
  await add(root, "a.1.x", [file("/etc/both", 1, "failing"), file("/etc/root", 2)]);
  await add(legacy, "a.1.x", [file("/etc/both", 3), file("/etc/legacy", 2)]);
  await add(legacy, "b.1.x", [file("/etc/legacy", 1)]);
  const mounts = [
    { folder: "", keyspace: root.open() },
    { folder: "/legacy", keyspace: legacy.open() },
  ];
  const known = await fleetWatchers(mounts, "b.1.x", clock)(never);
  assert.deepEqual(
    known.map(({ id, prefixes, files }) => [id, prefixes, files.map((one) => one.target)]),
    [
      ["b.1.x", ["/legacy/services"], ["/etc/legacy"]],
      ["a.1.x", ["/services", "/legacy/services"], ["/etc/both", "/etc/root", "/etc/legacy"]],
    ],
  );
  assert.deepEqual(known[1]?.files[0], file("/etc/both", 3), "the later state");
});
