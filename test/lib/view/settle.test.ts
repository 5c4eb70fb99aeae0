import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { Settler } from "../../../lib/view/settle.ts";
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
