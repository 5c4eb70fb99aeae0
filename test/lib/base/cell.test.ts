import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell, untilAny, untilEach } from "../../../lib/base/cell.ts";
import { never } from "../../../lib/base/signal.ts";

test("a cell holds the latest value and counts its versions", () => {
  const cell = new Cell("a");
  assert.deepEqual([cell.value, cell.version], ["a", 0]);
  cell.set("b");
  cell.set("b");
  assert.deepEqual([cell.value, cell.version], ["b", 2]);
});

test("a late reader does not wait", async () => {
  const cell = new Cell(0);
  cell.set(1);
  await cell.newer(0, never);
  assert.equal(cell.value, 1);
});

test("every waiting reader wakes up at a change, and none before", async () => {
  const cell = new Cell(0);
  let woken = 0;
  const readers = [1, 2, 3].map(async () => {
    await cell.newer(0, never);
    woken += 1;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(woken, 0);
  cell.set(1);
  await Promise.all(readers);
  assert.equal(woken, 3);
});

test("a reader may wait for the next change as soon as it wakes up", async () => {
  const cell = new Cell(0);
  const seen: number[] = [];
  const reading = (async () => {
    for (let version = 0; version < 3; version = cell.version) {
      await cell.newer(version, never);
      seen.push(cell.value);
    }
  })();
  for (const value of [1, 2, 3]) {
    cell.set(value);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await reading;
  assert.deepEqual(seen, [1, 2, 3]);
});

test("waiting rejects with the signal's reason", async () => {
  const cell = new Cell(0);
  const ending = new AbortController();
  const waiting = assert.rejects(cell.newer(0, ending.signal), new Error("stop"));
  ending.abort(new Error("stop"));
  await waiting;
  cell.set(1);
  await assert.rejects(cell.newer(0, ending.signal), new Error("stop"));
});

test("until resolves with the first value that satisfies the condition, at once if it does already", async () => {
  const cell = new Cell(1);
  assert.equal(await cell.until((value) => value === 1, never), 1);
  const waiting = cell.until((value) => value >= 3, never);
  cell.set(2);
  await new Promise(setImmediate);
  cell.set(3);
  assert.equal(await waiting, 3);
});

test("until rejects when the signal aborts", async () => {
  const ending = new AbortController();
  const waiting = new Cell(1).until((value) => value === 2, ending.signal);
  const rejected = assert.rejects(waiting, new Error("stop"));
  ending.abort(new Error("stop"));
  await rejected;
});

test("untilAny evaluates its condition when either cell is set, also while it is evaluated", async () => {
  const [one, other] = [new Cell(0), new Cell(0)];
  const waiting = untilAny([one, other], () => one.value + other.value === 3, never);
  one.set(1);
  await new Promise(setImmediate);
  other.set(2);
  await waiting;
  let evaluations = 0;
  const condition = () => {
    evaluations += 1;
    if (evaluations === 1) one.set(5);
    return evaluations === 2;
  };
  await untilAny([one, other], condition, never);
  assert.equal(evaluations, 2);
});

test("each of many items is waited for, and one that is true is not evaluated again with every change", async () => {
  const cell = new Cell(new Set<number>());
  const items = Array.from({ length: 1000 }, (_, i) => i);
  let evaluated = 0;
  const isIn = (item: number) => {
    evaluated += 1;
    return cell.value.has(item);
  };
  let isDone = false;
  const waiting = untilEach([cell], items, isIn, never).then(() => {
    isDone = true;
  });
  for (const item of items) {
    assert.equal(isDone, false);
    cell.set(cell.value.add(item));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await waiting;
  assert.ok(evaluated < 10 * items.length, `${evaluated} evaluations`);
});

test("an item that was true before and is missing again is waited for", async () => {
  const cell = new Cell(["a"]);
  let isDone = false;
  const waiting = untilEach([cell], ["a", "b"], (item) => cell.value.includes(item), never);
  void waiting.then(() => {
    isDone = true;
  });
  cell.set(["b"]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDone, false);
  cell.set(["a", "b"]);
  await waiting;
});
