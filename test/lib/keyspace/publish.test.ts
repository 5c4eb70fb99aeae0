import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import type { Fault } from "../../../lib/base/fault.ts";
import { retry } from "../../../lib/base/retry.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import type { KeySink, Session } from "../../../lib/keyspace/contract.ts";
import { faults } from "../../../lib/keyspace/faults.ts";
import { follow } from "../../../lib/keyspace/follow.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { publish } from "../../../lib/keyspace/publish.ts";
import type { EntryChange } from "../../../lib/keyspace/session-state.ts";
import type { Entries } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const ttlMs = 10_000;
const rules = { ttlMs, backoff: { firstMs: 100, maxMs: 400 } };

test("what is wanted is put, changed and removed, and nothing else is touched", async (t) => {
  const { clock, store, wanted, changes, stored } = scene(t);
  publishing(t, store.open(), { clock, wanted, changes });
  wanted.set(entries({ "/a": "1", "/b": "1" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "1", "/b": "1" });
  changes.length = 0;
  wanted.set(entries({ "/b": "2", "/c": "1" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/b": "2", "/c": "1" });
  assert.deepEqual(changes, ["remove /a", "put /b", "put /c"]);
});

test("an unchanged entry is not written again", async (t) => {
  const { clock, store, wanted, changes } = scene(t);
  publishing(t, store.open(), { clock, wanted, changes });
  for (let i = 0; i < 3; i += 1) {
    wanted.set(entries({ "/a": "1" }));
    await clock.advance(ttlMs);
  }
  assert.deepEqual(changes, ["put /a"]);
});

test("when it is told to stop, the entries go at once", async (t) => {
  const { clock, store, wanted, stored } = scene(t);
  const stop = publishing(t, store.open(), { clock, wanted });
  wanted.set(entries({ "/a": "1" }));
  await clock.advance(0);
  await stop();
  await clock.advance(0);
  assert.deepEqual(stored(), {});
});

test("a lost session is reported, and the next one announces everything anew", async (t) => {
  const { clock, store, wanted, told, changes, stored } = scene(t);
  publishing(t, store.open(), { clock, wanted, told, changes });
  wanted.set(entries({ "/a": "1", "/b": "2" }));
  await clock.advance(0);
  store.expireSessions();
  await clock.advance(0);
  assert.deepEqual(stored(), {});
  assert.deepEqual(told, ["KEYSPACE_SESSION_EXPIRED"]);
  await clock.advance(100);
  assert.deepEqual(stored(), { "/a": "1", "/b": "2" });
});

test("a write that fails is tried again in the same session, with back-off", async (t) => {
  const { clock, store, wanted, told, stored } = scene(t);
  const flaky = new FlakySink(store.open(), ["/bad"]);
  publishing(t, flaky, { clock, wanted, told });
  wanted.set(entries({ "/bad": "1", "/good": "1" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/good": "1" });
  await clock.advance(1000);
  const tries = told.length;
  assert.ok(tries >= 3 && tries <= 10, `${tries} tries in a second`);
  flaky.bad.clear();
  await clock.advance(400);
  assert.deepEqual(stored(), { "/bad": "1", "/good": "1" });
  assert.equal(flaky.opened, 1);
});

test("after a success the next write that fails waits for the first delay again", async (t) => {
  const { clock, store, wanted } = scene(t);
  const flaky = new FlakySink(store.open(), ["/bad"]);
  const waitsMs: number[] = [];
  const onFault = (_fault: Fault, waitMs: number) => void waitsMs.push(waitMs);
  const deps = { ...depsOf({ clock, wanted }), random: () => 0, onFault };
  running(t, (signal) => publish(flaky, wanted, rules, deps, signal));
  wanted.set(entries({ "/bad": "1" }));
  await clock.advance(300);
  flaky.bad.clear();
  await clock.advance(400);
  flaky.bad.add("/bad");
  wanted.set(entries({ "/bad": "2" }));
  await clock.advance(0);
  assert.deepEqual(waitsMs, [50, 100, 200, 50]);
});

test("a write whose outcome nobody knows is undone once it is not wanted", async (t) => {
  const { clock, store, wanted, stored } = scene(t);
  const flaky = new FlakySink(store.open(), ["/a"]);
  flaky.writesAllTheSame = true;
  publishing(t, flaky, { clock, wanted });
  wanted.set(entries({ "/a": "1" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "1" });
  wanted.set(entries({}));
  await clock.advance(400);
  assert.deepEqual(stored(), {});
});

test("a change whose outcome nobody knows is made again, or taken back", async (t) => {
  const { clock, store, wanted, stored } = scene(t);
  const flaky = new FlakySink(store.open(), []);
  flaky.writesAllTheSame = true;
  publishing(t, flaky, { clock, wanted });
  wanted.set(entries({ "/a": "1" }));
  await clock.advance(0);
  flaky.bad.add("/a");
  wanted.set(entries({ "/a": "2" }));
  await clock.advance(0);
  flaky.bad.clear();
  wanted.set(entries({ "/a": "1" }));
  await clock.advance(400);
  assert.deepEqual(stored(), { "/a": "1" });
});

test("a loss that a write brings to light is reported once", async (t) => {
  const { clock, store, wanted, told, stored } = scene(t);
  const flaky = new FlakySink(store.open(), []);
  flaky.beforeWrite = () => store.expireSessions();
  publishing(t, flaky, { clock, wanted, told });
  wanted.set(entries({ "/a": "1" }));
  await clock.advance(0);
  flaky.beforeWrite = () => {};
  await clock.advance(400);
  assert.deepEqual(told, ["KEYSPACE_SESSION_EXPIRED"]);
  assert.deepEqual(stored(), { "/a": "1" });
});

test("what is no fault is not caught, and the session is closed", async (t) => {
  const { clock, store, wanted, stored } = scene(t);
  const broken = new FlakySink(store.open(), ["/a"]);
  broken.error = new TypeError("a bug");
  wanted.set(entries({ "/a": "1", "/b": "1" }));
  const publishingOnce = publish(broken, wanted, rules, depsOf({ clock, wanted }), t.signal);
  await assert.rejects(publishingOnce, { message: "a bug" });
  await clock.advance(0);
  assert.deepEqual(stored(), {});
});

test("an entry that was removed or overwritten comes back at once", async (t) => {
  const { clock, store, wanted, changes, stored, seen } = scene(t);
  publishing(t, store.open(), { clock, wanted, changes, seen });
  const twin = await store.open().open(ttlMs, t.signal);
  wanted.set(entries({ "/a": "1", "/b": "2" }));
  await clock.advance(0);
  store.write("/a", "theirs");
  await twin.put("/b", "2", t.signal);
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "1", "/b": "2" });
  await twin.close();
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "1", "/b": "2" });
  assert.deepEqual(changes.slice(2), ["restore /a", "restore /b"]);
});

test("a view that is behind our writes is not taken for a theft", async (t) => {
  const { clock, store, wanted, changes } = scene(t);
  const behind = new Cell<Snapshot | undefined>(Snapshot.empty);
  publishing(t, store.open(), { clock, wanted, changes, seen: behind });
  wanted.set(entries({ "/a": "1" }));
  for (let i = 0; i < 3; i += 1) {
    await clock.advance(ttlMs);
    behind.set(Snapshot.empty);
  }
  assert.deepEqual(changes, ["put /a"]);
});

test("what others keep taking away is put back no more than once in a time to live", async (t) => {
  const { clock, store, wanted, changes, seen } = scene(t);
  publishing(t, store.open(), { clock, wanted, changes, seen });
  wanted.set(entries({ "/a": "ours" }));
  for (let i = 0; i < 100; i += 1) {
    await clock.advance(ttlMs / 10);
    store.write("/a", "theirs");
  }
  assert.ok(changes.length >= 10 && changes.length <= 12, `${changes.length} writes`);
});

test("a key that another agent holds is said to be taken, and is ours the moment it goes", async (t) => {
  const { clock, store, wanted, changes, told, stored, seen } = scene(t);
  const other = await store.open().open(ttlMs, t.signal);
  await other.put("/a", "theirs", t.signal);
  publishing(t, store.open(), { clock, wanted, changes, told, seen });
  wanted.set(entries({ "/a": "ours", "/b": "1" }));
  await clock.advance(10 * ttlMs);
  assert.deepEqual(stored(), { "/a": "theirs", "/b": "1" });
  assert.deepEqual([...new Set(told)], ["KEYSPACE_KEY_CONFLICT"]);
  await other.close();
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "ours", "/b": "1" });
  assert.deepEqual(changes, ["put /b", "put /a"]);
});

test("a key that is taken holds up no other, and is not tried again for what happens elsewhere", async (t) => {
  const { clock, store, wanted, told, stored, seen } = scene(t);
  const other = await store.open().open(ttlMs, t.signal);
  await other.put("/a", "theirs", t.signal);
  publishing(t, store.open(), { clock, wanted, told, seen });
  wanted.set(entries({ "/a": "ours", "/b": "1" }));
  await clock.advance(ttlMs);
  wanted.set(entries({ "/a": "ours", "/b": "2" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "theirs", "/b": "2" });
  await clock.advance(0);
  const tries = told.length;
  for (let i = 0; i < 20; i += 1) {
    await other.put("/c", String(i), t.signal);
    await clock.advance(0);
  }
  assert.equal(told.length, tries);
  await other.put("/a", "ours", t.signal);
  await clock.advance(0);
  await other.close();
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "ours", "/b": "2" });
});

test("it has converged once the store has all that is wanted, and not while a key is refused", async (t) => {
  const { clock, store, wanted, seen } = scene(t);
  const other = await store.open().open(ttlMs, t.signal);
  await other.put("/a", "theirs", t.signal);
  const flaky = new FlakySink(store.open(), ["/bad"]);
  let converged = 0;
  const onConverged = () => {
    converged += 1;
  };
  const deps = { ...depsOf({ clock, wanted, seen }), onConverged };
  running(t, (signal) => publish(flaky, wanted, rules, deps, signal));
  await clock.advance(0);
  assert.equal(converged, 1, "nothing is wanted, nothing is held");
  wanted.set(entries({ "/a": "ours", "/b": "1" }));
  await clock.advance(ttlMs);
  assert.equal(converged, 1, "one key is another session's");
  wanted.set(entries({ "/b": "2", "/bad": "1" }));
  await clock.advance(ttlMs);
  assert.equal(converged, 1, "one write fails");
  flaky.bad.clear();
  await clock.advance(400);
  assert.ok(converged > 1);
});

function scene(t: TestContext) {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const seen = new Cell<Snapshot | undefined>(undefined);
  running(t, (signal) => follow(store.open(), ["/"], seen, () => {}, signal));
  return {
    clock,
    store,
    seen,
    wanted: new Cell<Entries>(new Map()),
    changes: [] as string[],
    told: [] as string[],
    stored: () =>
      Object.fromEntries((seen.value?.chunks ?? []).flat().map(({ key, value }) => [key, value])),
  };
}

interface Stage {
  readonly clock: ManualClock;
  readonly wanted: Cell<Entries>;
  readonly changes?: string[];
  readonly told?: string[];
  readonly seen?: Cell<Snapshot | undefined>;
}

function depsOf({ clock, changes, told, seen }: Stage) {
  return {
    clock,
    random: () => 0.999,
    onFault: ({ code }: Fault) => void told?.push(code),
    onPublished: ({ kind, key }: EntryChange) => void changes?.push(`${kind} ${key}`),
    ...(seen && { seen }),
  };
}

/** Publishes until the test is over, or until what it returns is called. */
function publishing(t: TestContext, sink: KeySink, stage: Stage): () => Promise<void> {
  const deps = depsOf(stage);
  return running(t, (signal) =>
    retry((_, s) => publish(sink, stage.wanted, rules, deps, s), rules.backoff, deps, signal),
  );
}

function running(t: TestContext, work: (signal: AbortSignal) => Promise<void>) {
  const ending = new AbortController();
  const done = untilAborted(ending.signal, work(ending.signal));
  const stop = async () => {
    ending.abort();
    await done;
  };
  t.after(stop);
  return stop;
}

/** A sink that cannot write some keys, or says that it could not. */
class FlakySink implements KeySink {
  readonly bad: Set<string>;
  readonly #sink: KeySink;
  opened = 0;
  writesAllTheSame = false;
  beforeWrite = (): void => {};
  error: Error = faults.KEYSPACE_UNREACHABLE({ url: "flaky:" });

  constructor(sink: KeySink, bad: readonly string[]) {
    this.#sink = sink;
    this.bad = new Set(bad);
  }

  async open(ttl: number, signal: AbortSignal): Promise<Session> {
    this.opened += 1;
    const session = await this.#sink.open(ttl, signal);
    return {
      lost: session.lost,
      put: async (key, value, s) => {
        this.beforeWrite();
        if (!this.bad.has(key) || this.writesAllTheSame) await session.put(key, value, s);
        if (this.bad.has(key)) throw this.error;
        return key;
      },
      remove: (key, s) => session.remove(key, s),
      close: () => session.close(),
    };
  }
}

function entries(values: Readonly<Record<string, string>>): Entries {
  return new Map(Object.entries(values));
}
