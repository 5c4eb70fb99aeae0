import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import type { KeySource } from "../../../lib/keyspace/contract.ts";
import { faults } from "../../../lib/keyspace/faults.ts";
import { follow } from "../../../lib/keyspace/follow.ts";
import type { Batch, Entry } from "../../../lib/model/entry.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";

const entry = (key: string, value: string, revision: string): [string, Entry] => [
  key,
  { key, value, revision },
];

const listed: Batch = {
  kind: "reset",
  revision: "2",
  entries: new Map([entry("/a", "1", "1"), entry("/b", "1", "2")]),
};

/** A source that yields these batches and then fails. */
const failingAfter = (...batches: Batch[]): KeySource => ({
  async *watch() {
    yield* batches;
    throw faults.KEYSPACE_WATCH_ENDED({ url: "test:", why: "it was compacted" });
  },
});

test("batches update the snapshot in the cell, which stays when the watch fails", async (t) => {
  const cell = new Cell<Snapshot | undefined>(undefined);
  const progress: number[] = [];
  const source = failingAfter(listed, {
    kind: "delta",
    revision: "3",
    put: new Map([entry("/c", "1", "3")]),
    gone: ["/a"],
  });
  const following = follow(source, ["/"], cell, () => void progress.push(1), t.signal);
  await assert.rejects(following, { code: "KEYSPACE_WATCH_ENDED" });
  const keys = (cell.value?.chunks ?? []).flat().map(({ key }) => key);
  assert.deepEqual(keys, ["/b", "/c"]);
  assert.equal(cell.value?.revision, "3");
  assert.equal(progress.length, 2);
});

test("a second follow keeps the identity of unchanged entries", async (t) => {
  const cell = new Cell<Snapshot | undefined>(undefined);
  const again = async () => {
    await assert.rejects(follow(failingAfter(listed), ["/"], cell, () => {}, t.signal));
    return cell.value?.get("/a");
  };
  assert.equal(await again(), await again());
});

test("a watch that ends without a fault is a bug", async (t) => {
  const silent: KeySource = { async *watch() {} };
  const cell = new Cell<Snapshot | undefined>(undefined);
  await assert.rejects(
    follow(silent, ["/"], cell, () => {}, t.signal),
    /may only end with its signal/,
  );
});
