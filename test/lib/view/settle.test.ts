import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { promptSettling, Settler } from "../../../lib/view/settle.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Runs a settler beside `scene` and returns `time:value` for each value that it passed on. */
async function settled(scene: (cell: Cell<string>, clock: ManualClock) => Promise<void>) {
  const clock = new ManualClock();
  const cell = new Cell("");
  const ending = new AbortController();
  const settler = new Settler({ quietMs: 50, atMostMs: 200 }, clock);
  const seen: string[] = [];
  const running = (async () => {
    let version = 0;
    for (;;) {
      version = await settler.next(cell, version, ending.signal);
      seen.push(`${clock.now()}:${cell.value}`);
    }
  })();
  await scene(cell, clock);
  ending.abort();
  await assert.rejects(running, { name: "AbortError" });
  return seen;
}

test("a change after a pause is passed on at once", async () => {
  const seen = await settled(async (cell, clock) => {
    await clock.advance(1000);
    cell.set("a");
    await clock.advance(1000);
  });
  assert.deepEqual(seen, ["1000:a"]);
});

test("further changes are gathered until there is a pause", async () => {
  const seen = await settled(async (cell, clock) => {
    cell.set("a");
    for (const value of ["b", "c", "d"]) {
      await clock.advance(20);
      cell.set(value);
    }
    await clock.advance(500);
  });
  assert.deepEqual(seen, ["0:a", "110:d"]);
});

test("continuous changes are passed on after the maximum time", async () => {
  const seen = await settled(async (cell, clock) => {
    for (let i = 0; i < 20; i += 1) {
      cell.set(String(i));
      await clock.advance(40);
    }
  });
  assert.deepEqual(seen.slice(0, 3), ["0:0", "240:5", "440:10"]);
});

test("where updates are prompt, a change waits for 10 ms at most, and an update pauses as long as it took", async () => {
  const clock = new ManualClock();
  const cell = new Cell(0);
  const ending = new AbortController();
  const settler = new Settler(promptSettling(1000), clock);
  const startsMs: number[] = [];
  const running = (async () => {
    let version = 0;
    for (const tookMs of [2, 2, 40, 2000, 2]) {
      version = await settler.next(cell, version, ending.signal);
      startsMs.push(clock.now());
      await clock.sleep(tookMs, ending.signal);
    }
  })();
  for (let i = 0; i < 3200; i += 1) {
    cell.set(i);
    await clock.advance(1);
  }
  await running;
  // Of changes that never pause, the first one is not delayed; the others are gathered for 10 ms.
  const [first, second, third, fourth, fifth] = startsMs.map(
    (ms, i) => ms - (startsMs[i - 1] ?? 0),
  );
  assert.deepEqual([first, second, third], [0, 14, 14]);
  assert.equal(fourth, 80);
  assert.equal(fifth, 3000);
});
