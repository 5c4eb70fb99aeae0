import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";

const { signal: never } = new AbortController();

test("a cell holds the latest value and counts its versions", () => {
  const cell = new Cell("a");
  assert.deepEqual([cell.value, cell.version], ["a", 0]);
  cell.set("b");
  cell.set("b");
  assert.deepEqual([cell.value, cell.version], ["b", 2]);
});

test("a reader that comes late does not wait", async () => {
  const cell = new Cell(0);
  cell.set(1);
  await cell.newer(0, never);
  assert.equal(cell.value, 1);
});

test("every waiting reader wakes at a change, and none before", async () => {
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

test("a reader may wait for the next change as soon as it wakes", async () => {
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

test("waiting ends with the signal's reason", async () => {
  const cell = new Cell(0);
  const ending = new AbortController();
  const waiting = assert.rejects(cell.newer(0, ending.signal), new Error("stop"));
  ending.abort(new Error("stop"));
  await waiting;
  cell.set(1);
  await assert.rejects(cell.newer(0, ending.signal), new Error("stop"));
});
