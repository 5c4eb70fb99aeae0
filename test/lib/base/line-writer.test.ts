import assert from "node:assert/strict";
import { test } from "node:test";
import { LineWriter } from "../../../lib/base/line-writer.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A file or pipe that takes `room` bytes, and then fails with `code`. */
function writing(room: number, code = "ENOSPC") {
  const clock = new ManualClock();
  const state = { room, text: "", code };
  const writer = new LineWriter((bytes) => {
    if (state.room === 0) throw Object.assign(new Error(state.code), { code: state.code });
    const taken = bytes.subarray(0, state.room);
    state.room -= taken.length;
    state.text += Buffer.from(taken).toString();
    return taken.length;
  }, clock);
  writer.reportDropped((lines) => `${lines} dropped\n`);
  return { clock, state, writer };
}

test("lines that cannot be written are dropped, and counted as soon as writing works again", async () => {
  const { clock, state, writer } = writing(6);
  for (const line of ["one\n", "two\n", "three\n", "four\n"]) writer.write(line);
  assert.equal(state.text, "one\ntw");
  await clock.advance(5000);
  state.room = Number.POSITIVE_INFINITY;
  await clock.advance(1000);
  // the line that was begun is completed: every line of a JSON log is JSON
  assert.equal(state.text, "one\ntwo\n2 dropped\n");
  writer.write("five\n");
  assert.equal(state.text, "one\ntwo\n2 dropped\nfive\n");
});

test("the count is not lost if it cannot be written either", async () => {
  const { clock, state, writer } = writing(0, "EPIPE");
  writer.write("one\n");
  await clock.advance(3000);
  writer.write("two\n");
  state.room = Number.POSITIVE_INFINITY;
  await clock.advance(1000);
  assert.equal(state.text, "2 dropped\n");
});

test("a slow reader gets the lines that fit into 256 KiB, and the count of the others", async () => {
  const { clock, state, writer } = writing(0, "EAGAIN");
  const line = `${"x".repeat(1023)}\n`;
  for (let i = 0; i < 300; i += 1) writer.write(line);
  await clock.advance(60_000);
  assert.equal(state.text, "");
  state.room = Number.POSITIVE_INFINITY;
  await clock.advance(20);
  assert.equal(state.text, `${line.repeat(256)}44 dropped\n`);
});

test("flushing waits for a slow reader up to its limit, and not for one that has gone", async () => {
  const slow = writing(0, "EAGAIN");
  slow.writer.write("one\n");
  let isFlushed = false;
  const flushing = slow.writer.flushed(1000).then(() => {
    isFlushed = true;
  });
  await slow.clock.advance(900);
  assert.equal(isFlushed, false);
  await slow.clock.advance(200);
  await flushing;

  const gone = writing(0, "EPIPE");
  gone.writer.write("one\n");
  await gone.writer.flushed(1000);
});
