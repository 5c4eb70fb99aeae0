import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { waitUntilQuiet } from "../../../lib/render/follow-edits.ts";
import { ManualClock } from "../../support/manual-clock.ts";

test("a template that is written piece by piece is read when it has been left alone", async (t) => {
  const clock = new ManualClock();
  const pieces = new Cell(undefined);
  let taken = 0;
  const files = {
    changed: (signal: AbortSignal) => pieces.newer(taken, signal),
    take: () => {
      taken = pieces.version;
      return new Set<string>();
    },
  };
  let isRead = false;
  const resting = waitUntilQuiet(files, clock, t.signal).then(() => {
    isRead = true;
  });
  for (let i = 0; i < 5; i += 1) {
    await clock.advance(99);
    pieces.set(undefined);
  }
  await clock.advance(99);
  assert.equal(isRead, false);
  await clock.advance(1);
  await resting;
});
