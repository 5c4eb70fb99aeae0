import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { nextTurn, runInSlices } from "../../../lib/base/slices.ts";

/** A clock that advances by 1 ms at each look. */
function ticking() {
  let nowMs = 0;
  return {
    now: () => {
      nowMs += 1;
      return nowMs;
    },
  };
}

/** Visits items, one in each step. */
function* visiting<T>(items: Iterable<T>, visited: T[]): Generator<unknown> {
  for (const item of items) yield visited.push(item);
}

test("other work has its turn between two slices, and every item is visited in order", async () => {
  const [visited, other] = [[] as number[], [] as number[]];
  let isDone = false;
  const items = Array.from({ length: 100 }, (_, i) => i);
  const working = runInSlices(visiting(items, visited), ticking(), never).then(() => {
    isDone = true;
  });
  while (!isDone) {
    other.push(visited.length);
    await nextTurn(never);
  }
  await working;
  assert.deepEqual(visited, items);
  assert.ok(other.length >= 10, `${other}`);
});

test("few items are visited at once", () => {
  const visited: string[] = [];
  void runInSlices(visiting("abc", visited), { now: () => 0 }, never);
  assert.deepEqual(visited, ["a", "b", "c"]);
});

test("an abort ends the work before the next slice, with the reason of the signal", async () => {
  const ending = new AbortController();
  const visited: number[] = [];
  const items = Array.from({ length: 100 }, (_, i) => i);
  const working = runInSlices(visiting(items, visited), ticking(), ending.signal);
  ending.abort(new Error("stop"));
  await assert.rejects(working, new Error("stop"));
  assert.ok(visited.length < 20);
});
