import assert from "node:assert/strict";
import { test } from "node:test";
import { whenAborted } from "../../../lib/base/signal.ts";
import { forEachConcurrent } from "../../../lib/keyspace/for-each-concurrent.ts";

test("every item is processed once, at most as many at a time as allowed", async (t) => {
  const processed: number[] = [];
  let [running, highest] = [0, 0];
  const items = Array.from({ length: 20 }, (_, i) => i);
  await forEachConcurrent(
    items.values(),
    3,
    async (item) => {
      running += 1;
      highest = Math.max(highest, running);
      await null;
      processed.push(item);
      running -= 1;
    },
    t.signal,
  );
  assert.deepEqual(processed, items);
  assert.equal(highest, 3);
});

test("a failure ends the iteration, and is thrown once all work has ended", async (t) => {
  const started: number[] = [];
  let ended = 0;
  const work = async (item: number, signal: AbortSignal) => {
    started.push(item);
    if (item === 1) throw new Error("item 1 failed");
    await whenAborted(signal, t.signal);
    ended += 1;
  };
  await assert.rejects(forEachConcurrent([0, 1, 2, 3], 2, work, t.signal), {
    message: "item 1 failed",
  });
  assert.deepEqual(started, [0, 1]);
  assert.equal(ended, 1);
});
