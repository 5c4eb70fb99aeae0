import assert from "node:assert/strict";
import { test } from "node:test";
import { SharingMap } from "../../../lib/base/sharing-map.ts";
import { replacement } from "../../../lib/keyspace/replaceable.ts";
import { type EntryChange, SessionState } from "../../../lib/keyspace/session-state.ts";
import type { Entries } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { PlainSessionState } from "./plain-session-state.ts";

const ttlMs = 100;

for (const numbered of [false, true]) {
  const storeKeys = numbered ? "numbered keys" : "the desired keys";
  test(`with ${storeKeys} in the store, the changes are the same as when every key is visited`, () => {
    const kinds: string[] = [];
    for (let seed = 1; seed <= 60; seed += 1) kinds.push(...simulate(randomFrom(seed), numbered));
    for (const kind of ["put", "restore", "remove", "wait"]) {
      const count = kinds.filter((one) => one === kind).length;
      assert.ok(count > 100, `${count} × ${kind}`);
    }
  });
}

test("removals come last", () => {
  const state = new SessionState("us", ttlMs);
  apply(state, { kind: "put", key: "/z", value: "1" });
  assert.deepEqual(state.due(new Map([["/a", "1"]]), 0), [
    { kind: "put", key: "/a", value: "1" },
    { kind: "remove", key: "/z" },
  ]);
});

test("an unconfirmed entry that is not desired is removed until the removal is confirmed", () => {
  const state = new SessionState("us", ttlMs);
  state.begin({ kind: "put", key: "/a", value: "1" });
  const removal: EntryChange = { kind: "remove", key: "/a" };
  for (let i = 0; i < 2; i += 1) assert.deepEqual(state.due(new Map(), 0), [removal]);
  apply(state, removal);
  assert.deepEqual(state.due(new Map(), 0), []);
});

function apply(state: SessionState, change: EntryChange): void {
  state.begin(change);
  state.confirm(change, change.key, 0);
}

/**
 * Simulates a session: the desired entries change, writes fail with and without effect, other clients overwrite and
 * remove entries, and the observed state lags behind. Yields the kind of each change, and each wait for one.
 */
function* simulate(random: Random, numbered: boolean): Generator<string> {
  const [state, store] = [new ComparedStates(), new LaggingStore(numbered)];
  let desired = SharingMap.of<string>([]);
  for (let nowMs = 0; nowMs < 2500; nowMs += random(30)) {
    if (random(3) === 0) desired = desired.with(someChanges(random));
    store.othersWrite(random);
    if (random(5) > 0) state.observe(store.read(random), nowMs);
    for (const change of state.due(desired, nowMs)) {
      state.begin(change);
      const storeKey = store.attempt(change, random);
      if (storeKey) state.confirm(change, storeKey, nowMs);
      yield change.kind;
    }
    if (state.nextDueMs() !== undefined) yield "wait";
  }
}

/** Passes each call to both implementations and asserts that they return the same. */
class ComparedStates {
  readonly #state = new SessionState("us", ttlMs);
  readonly #plain = new PlainSessionState("us", ttlMs);

  begin(change: EntryChange): void {
    this.#state.begin(change);
    this.#plain.begin(change);
  }

  confirm(change: EntryChange, storeKey: string, nowMs: number): void {
    this.#state.confirm(change, storeKey, nowMs);
    this.#plain.confirm(change, storeKey, nowMs);
  }

  observe(snapshot: Snapshot, nowMs: number): void {
    this.#state.observe(snapshot, nowMs);
    this.#plain.observe(snapshot, nowMs);
  }

  due(desired: Entries, nowMs: number): readonly EntryChange[] {
    const due = this.#state.due(desired, nowMs);
    assert.deepEqual(sorted(due), sorted(this.#plain.due(desired, nowMs)));
    return due;
  }

  nextDueMs(): number | undefined {
    const dueMs = this.#state.nextDueMs();
    assert.equal(dueMs, this.#plain.nextDueMs());
    return dueMs;
  }
}

function someChanges(random: Random): readonly (readonly [string, string | undefined])[] {
  return Array.from({ length: random(6) }, () => [
    `/${random(12)}`,
    random(3) ? String(random(3)) : undefined,
  ]);
}

type Random = (below: number) => number;

/** A store with readers that lag some writes behind. */
class LaggingStore {
  readonly #numbered: boolean;
  readonly #unread: [key: string, value: string | undefined, owner: string | undefined][] = [];
  /** The last key in the store of each key. */
  readonly #numberedKeys = new Map<string, string>();
  #snapshot = Snapshot.empty;
  #revision = 0;
  #created = 0;

  constructor(numbered: boolean) {
    this.#numbered = numbered;
  }

  /** The key of the entry in the store; undefined if the write fails, with or without effect. */
  attempt(change: EntryChange, random: Random): string | undefined {
    const { key } = change;
    const known = random(3) > 0 ? this.#numberedKeys.get(key) : undefined;
    const outcome = random(5);
    const value = change.kind === "remove" ? undefined : change.value;
    const storeKey =
      value === undefined ? (this.#numberedKeys.get(key) ?? key) : (known ?? this.#newKey(key));
    if (outcome > 0) this.#unread.push([storeKey, value, "us"]);
    if (outcome > 0 && value === undefined) this.#numberedKeys.delete(key);
    if (outcome > 0 && value !== undefined) this.#numberedKeys.set(key, storeKey);
    return outcome > 1 ? storeKey : undefined;
  }

  /** No number is used twice. */
  #newKey(key: string): string {
    this.#created += 1;
    return this.#numbered ? `${key}_${this.#created}` : key;
  }

  othersWrite(random: Random): void {
    const entries = this.#snapshot.chunks.flat();
    while (random(3) === 0) {
      const { key, value } = entries[random(entries.length || 1)] ?? { key: "/0", value: "1" };
      const written = [undefined, "theirs", value][random(3)];
      this.#unread.push([key, written, random(2) ? "others" : undefined]);
    }
  }

  read(random: Random): Snapshot {
    for (const [key, value, owner] of this.#unread.splice(0, random(this.#unread.length + 1))) {
      this.#revision += 1;
      const revision = String(this.#revision);
      const entry = value !== undefined && { key, value, revision, ...(owner && { owner }) };
      const put = new Map(entry ? [[key, entry]] : []);
      const gone = value === undefined ? [key] : [];
      this.#snapshot = this.#snapshot.after({ kind: "delta", revision, put, gone });
    }
    return this.#snapshot;
  }
}

function sorted(changes: readonly EntryChange[]): readonly EntryChange[] {
  return changes.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function randomFrom(start: number): Random {
  let seed = start * 7919;
  return (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
}

test("another stamp is no reason to write, and an entry with one is not displaced", () => {
  const stamped = (at: number) => `{"host":"10.0.0.1","port":80,"at":${at}}`;
  const state = new SessionState("us", ttlMs);
  apply(state, { kind: "put", key: "/a", value: stamped(1) });
  assert.deepEqual(state.due(new Map([["/a", stamped(2)]]), 0), []);
  const entry = { key: "/a", value: stamped(3), revision: "1", owner: "us" };
  const entries = new Map([["/a", entry]]);
  state.observe(Snapshot.empty.after({ kind: "reset", revision: "1", entries }), 0);
  assert.deepEqual(state.due(new Map([["/a", stamped(4)]]), 10 * ttlMs), []);
});

test("a renewed signature is written, and one that another client has changed is restored", () => {
  const signed = (until: number, mark: string) =>
    `{"host":"10.0.0.1","port":80,"not-after":${until},"sig":"one:${mark.repeat(86)}"}`;
  const state = new SessionState("us", ttlMs);
  const observe = (value: string) => {
    const entries = new Map([["/a", { key: "/a", value, revision: "1", owner: "us" }]]);
    state.observe(Snapshot.empty.after({ kind: "reset", revision: "1", entries }), 0);
  };
  const due = (value: string) => state.due(new Map([["/a", value]]), 10 * ttlMs);
  apply(state, { kind: "put", key: "/a", value: signed(1, "a") });
  observe(signed(1, "a"));
  assert.deepEqual(due(signed(1, "a")), []);
  const renewed = { kind: "put", key: "/a", value: signed(2, "b") } as const;
  assert.deepEqual(due(signed(2, "b")), [renewed]);
  apply(state, renewed);
  observe(signed(1, "a"));
  assert.deepEqual(due(signed(2, "b")), [], "the observation may lag behind");
  observe(signed(2, "b"));
  observe(signed(2, "x"));
  assert.deepEqual(due(signed(2, "b")), [{ ...renewed, kind: "restore" }]);
});

test("an agent that takes an entry over keeps the stamp of the former one, and not its signature", () => {
  const at = (ms: number, seal = "") => `{"host":"10.0.0.1","port":80,"at":${ms}${seal}}`;
  const seal = (mark: string) => `,"not-after":9,"sig":"one:${mark.repeat(86)}"`;
  const taken = (value: string, former: string) =>
    replacement(
      "/a",
      value,
      { storeKey: "/a", value: former, owner: "they" },
      { takeOver: new Set(["they"]) },
    );
  assert.equal(taken(at(2), at(1)), at(1));
  assert.equal(taken(at(2, seal("b")), at(1, seal("a"))), at(2, seal("b")));
  assert.equal(taken(at(2, seal("b")), at(1)), at(2, seal("b")));
});

test("an entry that comes back after it was removed, as from a backup, is removed again after a TTL", () => {
  const state = new SessionState("us", ttlMs);
  const entry = { key: "/a", value: "1", revision: "1", owner: "us" };
  const having = (...entries: (typeof entry)[]) => {
    const all = new Map(entries.map((one) => [one.key, one]));
    return Snapshot.empty.after({ kind: "reset", revision: "1", entries: all });
  };
  apply(state, { kind: "put", key: "/a", value: "1" });
  state.observe(having(entry), 0);
  apply(state, { kind: "remove", key: "/a" });
  state.observe(having(), 1);
  assert.equal(state.nextDueMs(), undefined);
  state.observe(having({ ...entry, revision: "2" }), 10);
  assert.deepEqual(state.due(new Map(), 10), [], "the observation may lag behind");
  assert.equal(state.nextDueMs(), 10 + ttlMs);
  const removal = { kind: "remove", key: "/a" } as const;
  assert.deepEqual(state.due(new Map(), 10 + ttlMs), [removal]);
  state.begin(removal);
  state.confirm(removal, "/a", 10 + ttlMs);
  assert.deepEqual(state.due(new Map(), 10 + ttlMs), []);
  state.observe(having(), 11 + ttlMs);
  assert.equal(state.nextDueMs(), undefined);
  state.observe(having({ ...entry, owner: "others" }), 12 + ttlMs);
  assert.equal(state.nextDueMs(), undefined, "an entry of another session is not ours to remove");
});
