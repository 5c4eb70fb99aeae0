import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import type { Fault } from "../../../lib/base/fault.ts";
import { retry } from "../../../lib/base/retry.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import type { OwnerStates } from "../../../lib/keyspace/conflicts.ts";
import type { KeySink, Session } from "../../../lib/keyspace/contract.ts";
import { faults } from "../../../lib/keyspace/faults.ts";
import { follow } from "../../../lib/keyspace/follow.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { publish } from "../../../lib/keyspace/publish.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import type { EntryChange } from "../../../lib/keyspace/session-state.ts";
import type { Entries } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const ttlMs = 10_000;
const rules = { ttlMs, backoff: { firstMs: 100, maxMs: 400 } };

test("desired entries are put, changed and removed, and no other entry is written", async (t) => {
  const { clock, store, desired, changes, stored } = scene(t);
  publishing(t, store.open(), { clock, desired, changes });
  desired.set(entries({ "/a": "1", "/b": "1" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "1", "/b": "1" });
  changes.length = 0;
  desired.set(entries({ "/b": "2", "/c": "1" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/b": "2", "/c": "1" });
  assert.deepEqual(changes, ["put /b", "put /c", "remove /a"]);
});

test("an entry is removed only after the puts have ended, and also if one fails", async (t) => {
  const { clock, store, desired, changes, stored } = scene(t);
  const slow = new FlakySink(store.open(), []);
  publishing(t, slow, { clock, desired, changes });
  desired.set(entries({ "/old": "1" }));
  await clock.advance(0);
  slow.beforeWrite = (signal) => clock.sleep(900, signal);
  desired.set(entries({ "/new": "1" }));
  await clock.advance(899);
  assert.deepEqual(stored(), { "/old": "1" });
  await clock.advance(1);
  assert.deepEqual(stored(), { "/new": "1" });
  assert.deepEqual(changes.slice(1), ["put /new", "remove /old"]);
  slow.failingKeys.add("/bad");
  desired.set(entries({ "/bad": "1" }));
  await clock.advance(900);
  assert.deepEqual(stored(), {});
});

test("the removal of an entry waits for a slow put for a second only", async (t) => {
  const { clock, store, desired, changes, stored } = scene(t);
  const slow = new FlakySink(store.open(), []);
  publishing(t, slow, { clock, desired, changes });
  desired.set(entries({ "/old": "1" }));
  await clock.advance(0);
  slow.beforeWrite = (signal) => clock.sleep(4000, signal);
  desired.set(entries({ "/new": "1" }));
  await clock.advance(999);
  assert.deepEqual(stored(), { "/old": "1" });
  await clock.advance(1);
  assert.deepEqual(stored(), {});
  await clock.advance(3000);
  assert.deepEqual(changes.slice(1), ["remove /old", "put /new"]);
});

test("an unchanged entry is not written again", async (t) => {
  const { clock, store, desired, changes } = scene(t);
  publishing(t, store.open(), { clock, desired, changes });
  for (let i = 0; i < 3; i += 1) {
    desired.set(entries({ "/a": "1" }));
    await clock.advance(ttlMs);
  }
  assert.deepEqual(changes, ["put /a"]);
});

test("when its signal aborts, the entries are removed at once", async (t) => {
  const { clock, store, desired, stored } = scene(t);
  const stop = publishing(t, store.open(), { clock, desired });
  desired.set(entries({ "/a": "1" }));
  await clock.advance(0);
  await stop();
  await clock.advance(0);
  assert.deepEqual(stored(), {});
});

test("an expired session is reported, and the next one registers everything anew", async (t) => {
  const { clock, store, desired, faultCodes, changes, stored } = scene(t);
  publishing(t, store.open(), { clock, desired, faultCodes, changes });
  desired.set(entries({ "/a": "1", "/b": "2" }));
  await clock.advance(0);
  store.expireSessions();
  await clock.advance(0);
  assert.deepEqual(stored(), {});
  assert.deepEqual(faultCodes, ["KEYSPACE_SESSION_EXPIRED"]);
  await clock.advance(100);
  assert.deepEqual(stored(), { "/a": "1", "/b": "2" });
});

test("a failed write is retried in the same session, with back-off", async (t) => {
  const { clock, store, desired, faultCodes, stored } = scene(t);
  const flaky = new FlakySink(store.open(), ["/bad"]);
  publishing(t, flaky, { clock, desired, faultCodes });
  desired.set(entries({ "/bad": "1", "/good": "1" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/good": "1" });
  await clock.advance(1000);
  const attempts = faultCodes.length;
  assert.ok(attempts >= 3 && attempts <= 10, `${attempts} attempts in a second`);
  flaky.failingKeys.clear();
  await clock.advance(400);
  assert.deepEqual(stored(), { "/bad": "1", "/good": "1" });
  assert.equal(flaky.opened, 1);
});

test("after a success the next write that fails waits for the first delay again", async (t) => {
  const { clock, store, desired } = scene(t);
  const flaky = new FlakySink(store.open(), ["/bad"]);
  const waitsMs: number[] = [];
  const onFault = (_fault: Fault, waitMs: number) => void waitsMs.push(waitMs);
  const deps = { ...depsOf({ clock, desired }), random: () => 0, onFault };
  running(t, (signal) => publish(flaky, desired, rules, deps, signal));
  desired.set(entries({ "/bad": "1" }));
  await clock.advance(300);
  flaky.failingKeys.clear();
  await clock.advance(400);
  flaky.failingKeys.add("/bad");
  desired.set(entries({ "/bad": "2" }));
  await clock.advance(0);
  assert.deepEqual(waitsMs, [50, 100, 200, 50]);
});

test("an unconfirmed entry is removed once it is not desired", async (t) => {
  const { clock, store, desired, stored } = scene(t);
  const flaky = new FlakySink(store.open(), ["/a"]);
  flaky.writesDespiteFault = true;
  publishing(t, flaky, { clock, desired });
  desired.set(entries({ "/a": "1" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "1" });
  desired.set(entries({}));
  await clock.advance(400);
  assert.deepEqual(stored(), {});
});

test("after an unconfirmed change the desired value is written again", async (t) => {
  const { clock, store, desired, stored } = scene(t);
  const flaky = new FlakySink(store.open(), []);
  flaky.writesDespiteFault = true;
  publishing(t, flaky, { clock, desired });
  desired.set(entries({ "/a": "1" }));
  await clock.advance(0);
  flaky.failingKeys.add("/a");
  desired.set(entries({ "/a": "2" }));
  await clock.advance(0);
  flaky.failingKeys.clear();
  desired.set(entries({ "/a": "1" }));
  await clock.advance(400);
  assert.deepEqual(stored(), { "/a": "1" });
});

test("an expiry that a write discovers is reported once", async (t) => {
  const { clock, store, desired, faultCodes, stored } = scene(t);
  const flaky = new FlakySink(store.open(), []);
  flaky.beforeWrite = () => store.expireSessions();
  publishing(t, flaky, { clock, desired, faultCodes });
  desired.set(entries({ "/a": "1" }));
  await clock.advance(0);
  flaky.beforeWrite = () => {};
  await clock.advance(400);
  assert.deepEqual(faultCodes, ["KEYSPACE_SESSION_EXPIRED"]);
  assert.deepEqual(stored(), { "/a": "1" });
});

test("a bug is not caught, and the session is closed", async (t) => {
  const { clock, store, desired, stored } = scene(t);
  const broken = new FlakySink(store.open(), ["/a"]);
  broken.error = new TypeError("a bug");
  desired.set(entries({ "/a": "1", "/b": "1" }));
  const publishingOnce = publish(broken, desired, rules, depsOf({ clock, desired }), t.signal);
  await assert.rejects(publishingOnce, { message: "a bug" });
  await clock.advance(0);
  assert.deepEqual(stored(), {});
});

test("an entry that was removed or overwritten is restored at once", async (t) => {
  const { clock, store, desired, changes, stored, observed } = scene(t);
  publishing(t, store.open(), { clock, desired, changes, observed });
  const twin = await store.open().open(ttlMs, t.signal);
  desired.set(entries({ "/a": "1", "/b": "2" }));
  await clock.advance(0);
  store.write("/a", "theirs");
  await twin.put("/b", "2", t.signal, { overwrites: true });
  await twin.close();
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "1", "/b": "2" });
  assert.deepEqual(changes.slice(2), ["restore /a", "restore /b"]);
});

test("an observed state that lags behind by less than a TTL is not mistaken for a displaced entry", async (t) => {
  const { clock, store, desired, changes } = scene(t);
  const lagging = new Cell<Snapshot | undefined>(Snapshot.empty);
  publishing(t, store.open(), { clock, desired, changes, observed: lagging });
  desired.set(entries({ "/a": "1" }));
  for (let i = 0; i < 3; i += 1) {
    await clock.advance(ttlMs / 3 - 1);
    lagging.set(Snapshot.empty);
  }
  assert.deepEqual(changes, ["put /a"]);
});

test("an entry that was not observed within a TTL was removed before, and is restored", async (t) => {
  const { clock, store, desired, changes } = scene(t);
  // The watch has seen neither the entry nor its removal.
  const observed = new Cell<Snapshot | undefined>(Snapshot.empty);
  publishing(t, store.open(), { clock, desired, changes, observed });
  desired.set(entries({ "/a": "1" }));
  await clock.advance(ttlMs - 1);
  assert.deepEqual(changes, ["put /a"]);
  await clock.advance(1);
  assert.deepEqual(changes, ["put /a", "restore /a"]);
});

test("an entry that another session holds with the same value waits, and is no fault", async (t) => {
  const { clock, store, desired, changes, faultCodes, observed, owners, held, ownerOf } = scene(t);
  const other = await store.open().open(ttlMs, t.signal);
  for (const key of ["/a", "/b", "/c"]) await other.put(key, "1", t.signal);
  publishing(t, store.open(), { clock, desired, changes, faultCodes, observed, owners, held });
  desired.set(entries({ "/a": "1", "/b": "1", "/c": "1", "/own": "1" }));
  await clock.advance(5 * ttlMs);
  assert.deepEqual([changes, faultCodes], [["put /own"], []]);
  const all = { "/a": other.id, "/b": other.id, "/c": other.id };
  assert.deepEqual(Object.fromEntries(held.value), all);

  // While the other session is alive, it alone decides about its entries.
  owners.set(new Map([[other.id, "alive"]]));
  await other.remove("/a", t.signal);
  await other.put("/b", "2", t.signal);
  await clock.advance(ttlMs);
  assert.deepEqual([changes, faultCodes], [["put /own"], []]);
  assert.deepEqual(Object.fromEntries(held.value), all);

  owners.set(new Map([[other.id, "yields"]]));
  await clock.advance(0);
  assert.deepEqual(changes, ["put /own", "put /a", "put /c"]);
  assert.deepEqual([ownerOf("/a"), ownerOf("/b")], [ownerOf("/own"), other.id]);
  await other.close();
  await clock.advance(0);
  assert.deepEqual(changes, ["put /own", "put /a", "put /c", "put /b"]);
  assert.equal(held.value.size, 0);
});

test("an entry of a session with an unknown state is put once it is gone", async (t) => {
  const { clock, store, desired, changes, observed, owners } = scene(t);
  const other = await store.open().open(ttlMs, t.signal);
  await other.put("/a", "1", t.signal);
  publishing(t, store.open(), { clock, desired, changes, observed, owners });
  desired.set(entries({ "/a": "1" }));
  await clock.advance(0);
  assert.deepEqual(changes, []);
  await other.close();
  await clock.advance(0);
  assert.deepEqual(changes, ["put /a"]);
});

test("an entry that was taken over before it was observed as ours is left to the other session", async (t) => {
  const { clock, store, desired, changes } = scene(t);
  const [before, after] = [
    await store.open().open(ttlMs, t.signal),
    await store.open().open(ttlMs, t.signal),
  ];
  await before.put("/a", "1", t.signal);
  const snapshot = async () => await readSnapshot(store.open(), ["/"], t.signal);
  const observed = new Cell<Snapshot | undefined>(await snapshot());
  const owners = new Cell<OwnerStates>(new Map([[before.id, "yields"]]));
  const held = new Cell<ReadonlyMap<string, string>>(new Map());
  publishing(t, store.open(), { clock, desired, changes, observed, owners, held });
  desired.set(entries({ "/a": "1" }));
  await clock.advance(0);
  assert.deepEqual(changes, ["put /a"]);
  observed.set(observed.value);
  await clock.advance(0);
  assert.equal(held.value.size, 0, "the watch lags behind");
  await after.put("/a", "1", t.signal, { takeOver: new Set(["3"]) });
  observed.set(await snapshot());
  await clock.advance(0);
  assert.deepEqual(Object.fromEntries(held.value), { "/a": after.id });
});

test("an entry that another session has taken over is left to it, and put again after its end", async (t) => {
  const { clock, store, desired, changes, observed, owners, held } = scene(t);
  publishing(t, store.open(), { clock, desired, changes, observed, owners, held });
  desired.set(entries({ "/a": "1" }));
  await clock.advance(0);
  const other = await store.open().open(ttlMs, t.signal);
  await other.put("/a", "1", t.signal, { takeOver: new Set(["1"]) });
  await clock.advance(3 * ttlMs);
  assert.deepEqual(changes, ["put /a"]);
  assert.deepEqual(Object.fromEntries(held.value), { "/a": other.id });
  await other.close();
  await clock.advance(0);
  assert.deepEqual(changes, ["put /a", "put /a"]);
  assert.equal(held.value.size, 0);
});

test("an entry that is displaced again and again is restored at most once per TTL", async (t) => {
  const { clock, store, desired, changes, observed } = scene(t);
  publishing(t, store.open(), { clock, desired, changes, observed });
  desired.set(entries({ "/a": "ours" }));
  for (let i = 0; i < 100; i += 1) {
    await clock.advance(ttlMs / 10);
    store.write("/a", "theirs");
  }
  assert.ok(changes.length >= 10 && changes.length <= 12, `${changes.length} writes`);
});

test("a key of another agent is reported as a conflict, and written as soon as it is removed", async (t) => {
  const { clock, store, desired, changes, faultCodes, stored, observed } = scene(t);
  const other = await store.open().open(ttlMs, t.signal);
  await other.put("/a", "theirs", t.signal);
  publishing(t, store.open(), { clock, desired, changes, faultCodes, observed });
  desired.set(entries({ "/a": "ours", "/b": "1" }));
  await clock.advance(10 * ttlMs);
  assert.deepEqual(stored(), { "/a": "theirs", "/b": "1" });
  assert.deepEqual([...new Set(faultCodes)], ["KEYSPACE_KEY_CONFLICT"]);
  await other.close();
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "ours", "/b": "1" });
  assert.deepEqual(changes, ["put /b", "put /a"]);
});

test("a conflict does not delay other keys, and changes of other keys do not retry it", async (t) => {
  const { clock, store, desired, faultCodes, stored, observed } = scene(t);
  const other = await store.open().open(ttlMs, t.signal);
  await other.put("/a", "theirs", t.signal);
  publishing(t, store.open(), { clock, desired, faultCodes, observed });
  desired.set(entries({ "/a": "ours", "/b": "1" }));
  await clock.advance(ttlMs);
  desired.set(entries({ "/a": "ours", "/b": "2" }));
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "theirs", "/b": "2" });
  await clock.advance(0);
  const attempts = faultCodes.length;
  for (let i = 0; i < 20; i += 1) {
    await other.put("/c", String(i), t.signal);
    await clock.advance(0);
  }
  assert.equal(faultCodes.length, attempts);
  await other.put("/a", "ours", t.signal);
  await clock.advance(0);
  await other.close();
  await clock.advance(0);
  assert.deepEqual(stored(), { "/a": "ours", "/b": "2" });
});

test("it has converged once the store has all desired entries, and not while a key is refused", async (t) => {
  const { clock, store, desired, observed } = scene(t);
  const other = await store.open().open(ttlMs, t.signal);
  await other.put("/a", "theirs", t.signal);
  const flaky = new FlakySink(store.open(), ["/bad"]);
  let converged = 0;
  const onConverged = () => {
    converged += 1;
  };
  const deps = { ...depsOf({ clock, desired, observed }), onConverged };
  running(t, (signal) => publish(flaky, desired, rules, deps, signal));
  await clock.advance(0);
  const before = converged;
  assert.ok(before > 0, "nothing is desired, nothing is held");
  desired.set(entries({ "/a": "ours", "/b": "1" }));
  await clock.advance(ttlMs);
  assert.equal(converged, before, "one key is another session's");
  desired.set(entries({ "/b": "2", "/bad": "1" }));
  await clock.advance(ttlMs);
  assert.equal(converged, before, "one write fails");
  flaky.failingKeys.clear();
  await clock.advance(400);
  assert.ok(converged > before);
});

function scene(t: TestContext) {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const observed = new Cell<Snapshot | undefined>(undefined);
  running(t, (signal) => follow(store.open(), ["/"], observed, () => {}, signal));
  return {
    clock,
    store,
    observed,
    owners: new Cell<OwnerStates>(new Map()),
    held: new Cell<ReadonlyMap<string, string>>(new Map()),
    ownerOf: (key: string) => observed.value?.get(key)?.owner,
    desired: new Cell<Entries>(new Map()),
    changes: [] as string[],
    faultCodes: [] as string[],
    stored: () =>
      Object.fromEntries(
        (observed.value?.chunks ?? []).flat().map(({ key, value }) => [key, value]),
      ),
  };
}

interface Scene {
  readonly clock: ManualClock;
  readonly desired: Cell<Entries>;
  readonly changes?: string[];
  readonly faultCodes?: string[];
  readonly observed?: Cell<Snapshot | undefined>;
  readonly owners?: Cell<OwnerStates>;
  readonly held?: Cell<ReadonlyMap<string, string>>;
}

function depsOf({ clock, changes, faultCodes, observed, owners, held }: Scene) {
  return {
    clock,
    random: () => 0.999,
    onFault: ({ code }: Fault) => void faultCodes?.push(code),
    onPublished: ({ kind, key }: EntryChange) => void changes?.push(`${kind} ${key}`),
    ...(observed && { seen: observed }),
    ...(owners && { owners }),
    onHeld: (now: ReadonlyMap<string, string>) => held?.set(now),
  };
}

/** Publishes until the end of the test, or until the returned function is called. */
function publishing(t: TestContext, sink: KeySink, scene: Scene): () => Promise<void> {
  const deps = depsOf(scene);
  return running(t, (signal) =>
    retry((_, s) => publish(sink, scene.desired, rules, deps, s), rules.backoff, deps, signal),
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

/** A sink that fails to write some keys, without or with effect. */
class FlakySink implements KeySink {
  readonly failingKeys: Set<string>;
  readonly #sink: KeySink;
  opened = 0;
  writesDespiteFault = false;
  beforeWrite = (_signal: AbortSignal): void | Promise<void> => {};
  error: Error = faults.KEYSPACE_UNREACHABLE({ url: "flaky:" });

  constructor(sink: KeySink, failingKeys: readonly string[]) {
    this.#sink = sink;
    this.failingKeys = new Set(failingKeys);
  }

  async open(ttl: number, signal: AbortSignal): Promise<Session> {
    this.opened += 1;
    const session = await this.#sink.open(ttl, signal);
    return {
      id: session.id,
      ttlMs: session.ttlMs,
      expired: session.expired,
      put: async (key, value, s) => {
        await this.beforeWrite(s);
        if (!this.failingKeys.has(key) || this.writesDespiteFault) await session.put(key, value, s);
        if (this.failingKeys.has(key)) throw this.error;
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
