import assert from "node:assert/strict";
import { test } from "node:test";
import { holdersIn, holds, placeIn, queueIn } from "../../../../lib/keyspace/turns/queue.ts";
import type { Entry } from "../../../../lib/model/entry.ts";
import { Snapshot } from "../../../../lib/model/snapshot.ts";
import { encodeTurn } from "../../../../lib/model/turn-entry.ts";

const folder = "/sidekick/turns/edge";

function turn(name: string, revision: number, max = 1, owner: string | undefined = name): Entry {
  const value = { session: name, watcher: name, max, for: "haproxy.cfg", since: "", n: 0 };
  return {
    key: `${folder}/${name}`,
    value: encodeTurn(value),
    revision: String(revision),
    ...(owner !== undefined && { owner }),
  };
}

function snapshotOf(...entries: readonly Entry[]): Snapshot {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  return Snapshot.empty.after({ kind: "reset", revision: "100", entries: byKey });
}

test("the lowest revisions hold, and revisions are compared as numbers", () => {
  const queue = queueIn(snapshotOf(turn("c", 100), turn("a", 9), turn("b", 20)), folder);
  assert.deepEqual(
    queue.turns.map(({ watcher }) => watcher),
    ["a", "b", "c"],
  );
  assert.deepEqual(placeIn(queue, `${folder}/b`), { before: 1, of: 3, slots: 1 });
  assert.deepEqual(
    holdersIn(queue).map(({ watcher }) => watcher),
    ["a"],
  );
  assert.equal(placeIn(queue, `${folder}/d`), undefined);
});

test("the smallest number counts that any of them announces", () => {
  const two = queueIn(snapshotOf(turn("a", 1, 2), turn("b", 2, 3), turn("c", 3, 2)), folder);
  assert.deepEqual(
    ["a", "b", "c"].map((name) => {
      const place = placeIn(two, `${folder}/${name}`);
      return place && holds(place);
    }),
    [true, true, false],
  );
  const one = queueIn(snapshotOf(turn("a", 1, 2), turn("b", 2, 1)), folder);
  assert.equal(placeIn(one, `${folder}/b`)?.slots, 1);
});

test("an entry that no session keeps, that names another one or that is none of a turn does not count", () => {
  const junk = [
    { ...turn("left", 1), owner: "another" },
    { key: `${folder}/persistent`, value: turn("persistent", 2).value, revision: "2" },
    { key: `${folder}/junk`, value: "{", revision: "3", owner: "x" },
    { ...turn("zero", 4, 0) },
    { ...turn("odd", 5), revision: "a stamp" },
  ];
  const { turns, ignored } = queueIn(snapshotOf(...junk, turn("own", 6)), folder);
  assert.deepEqual(
    turns.map(({ watcher }) => watcher),
    ["own"],
  );
  assert.equal(ignored.length, junk.length);
});
