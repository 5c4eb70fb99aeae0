import assert from "node:assert/strict";
import { test } from "node:test";
import { SharingMap } from "../../../lib/base/sharing-map.ts";
import { type EntryChange, SessionState } from "../../../lib/keyspace/session-state.ts";
import type { Entries } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { PlainHoldings } from "./plain-session-state.ts";

const ttlMs = 100;

for (const numbered of [false, true]) {
  const where = numbered ? "at a numbered key" : "at its own key";
  test(`with an entry shown ${where}, news of few keys leads to what a look at all of them does`, () => {
    const kinds: string[] = [];
    for (let seed = 1; seed <= 60; seed += 1) kinds.push(...live(randomFrom(seed), numbered));
    for (const kind of ["put", "restore", "remove", "wait"]) {
      const times = kinds.filter((one) => one === kind).length;
      assert.ok(times > 100, `${times} × ${kind}`);
    }
  });
}

test("what is to be removed comes first", () => {
  const holdings = new SessionState(ttlMs);
  make(holdings, { kind: "put", key: "/z", value: "1" });
  assert.deepEqual(holdings.due(new Map([["/a", "1"]]), 0), [
    { kind: "remove", key: "/z" },
    { kind: "put", key: "/a", value: "1" },
  ]);
});

test("what may be held although it is not wanted is removed, and once that is done no more", () => {
  const holdings = new SessionState(ttlMs);
  holdings.begin({ kind: "put", key: "/a", value: "1" });
  const removal: EntryChange = { kind: "remove", key: "/a" };
  for (let i = 0; i < 2; i += 1) assert.deepEqual(holdings.due(new Map(), 0), [removal]);
  make(holdings, removal);
  assert.deepEqual(holdings.due(new Map(), 0), []);
});

function make(holdings: SessionState, change: EntryChange): void {
  holdings.begin(change);
  holdings.done(change, change.key, 0);
}

/**
 * A session's life: what is wanted changes, writes fail, with effect or without, and others overwrite and remove
 * what they see, while the view of the store lags behind. Yields the kind of each change, and each wait for one.
 */
function* live(random: Random, numbered: boolean): Generator<string> {
  const [holdings, store] = [new Twins(), new LaggingStore(numbered)];
  let wanted = SharingMap.of<string>([]);
  for (let nowMs = 0; nowMs < 2500; nowMs += random(30)) {
    if (random(3) === 0) wanted = wanted.with(someChanges(random));
    store.othersWrite(random);
    if (random(5) > 0) holdings.compare(store.show(random));
    for (const change of holdings.due(wanted, nowMs)) {
      holdings.begin(change);
      const shownAt = store.attempt(change, random);
      if (shownAt) holdings.done(change, shownAt, nowMs);
      yield change.kind;
    }
    if (holdings.nextDueMs() !== undefined) yield "wait";
  }
}

/** Both ways, told the same all the time; they have to say the same. */
class Twins {
  readonly #holdings = new SessionState(ttlMs);
  readonly #plain = new PlainHoldings(ttlMs);

  begin(change: EntryChange): void {
    this.#holdings.begin(change);
    this.#plain.begin(change);
  }

  done(change: EntryChange, shownAt: string, nowMs: number): void {
    this.#holdings.done(change, shownAt, nowMs);
    this.#plain.done(change, shownAt, nowMs);
  }

  compare(snapshot: Snapshot): void {
    this.#holdings.compare(snapshot);
    this.#plain.compare(snapshot);
  }

  due(wanted: Entries, nowMs: number): readonly EntryChange[] {
    const due = this.#holdings.due(wanted, nowMs);
    assert.deepEqual(sorted(due), sorted(this.#plain.due(wanted, nowMs)));
    return due;
  }

  nextDueMs(): number | undefined {
    const dueMs = this.#holdings.nextDueMs();
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

/** A store of which a reader sees what it held some writes ago. */
class LaggingStore {
  readonly #numbered: boolean;
  readonly #unseen: [string, string | undefined][] = [];
  #snapshot = Snapshot.empty;
  #revision = 0;

  constructor(numbered: boolean) {
    this.#numbered = numbered;
  }

  /** Where the entry is shown; undefined where it fails, with effect or without. */
  attempt(change: EntryChange, random: Random): string | undefined {
    const shownAt = this.#numbered ? `${change.key}_${random(3)}` : change.key;
    const luck = random(5);
    if (luck > 0) this.#write(shownAt, change.kind === "remove" ? undefined : change.value);
    return luck > 1 ? shownAt : undefined;
  }

  othersWrite(random: Random): void {
    const keys = this.#snapshot.chunks.flat().map(({ key }) => key);
    while (random(3) === 0) {
      this.#write(keys[random(keys.length || 1)] ?? "/0", random(2) ? "theirs" : undefined);
    }
  }

  show(random: Random): Snapshot {
    for (const [key, value] of this.#unseen.splice(0, random(this.#unseen.length + 1))) {
      this.#revision += 1;
      const revision = String(this.#revision);
      const put = new Map(value === undefined ? [] : [[key, { key, value, revision }]]);
      const gone = value === undefined ? [key] : [];
      this.#snapshot = this.#snapshot.after({ kind: "delta", revision, put, gone });
    }
    return this.#snapshot;
  }

  #write(key: string, value: string | undefined): void {
    this.#unseen.push([key, value]);
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
