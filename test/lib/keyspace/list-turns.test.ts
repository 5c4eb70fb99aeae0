import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { createListTurns, placeOf, spreadMs } from "../../../lib/keyspace/list-turns.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const ids = Array.from({ length: 1000 }, (_, i) => `host-${i}.${i * 7}.abcd`);
const url = "etcd://127.0.0.1";

test("lists are spread over the time that all of them take at 20 MB a second, and over two minutes at the most", () => {
  assert.equal(spreadMs(1_000_000, 200), 10_000);
  assert.equal(spreadMs(100_000, 50), 250);
  assert.equal(spreadMs(1_000_000, 10_000), 120_000);
});

test("a single watcher and a small keyspace do not wait", () => {
  assert.equal(spreadMs(50_000_000, 1), 0);
  assert.equal(spreadMs(9_999, 10_000), 0);
});

test("the places of watchers are even, and stay the same", () => {
  const tenths = new Array(10).fill(0);
  for (const id of ids) tenths[Math.floor(placeOf(id) * 10)] += 1;
  assert.ok(
    tenths.every((count) => count > 60 && count < 140),
    String(tenths),
  );
  assert.equal(placeOf("a.1.b"), placeOf("a.1.b"));
});

interface Scene {
  readonly bytes?: number;
  readonly watchers?: number | undefined;
}

/** The wait of a watcher, in milliseconds of a manual clock. */
function scene({ bytes = 1_000_000, watchers }: Scene) {
  const clock = new ManualClock();
  const waits: number[] = [];
  let counted = 0;
  const [id = ""] = ids;
  const turns = createListTurns(id, clock, (_, waitMs) => waits.push(waitMs));
  const countWatchers = async () => {
    counted += 1;
    return watchers;
  };
  const size = { entries: 1, bytes };
  const wait = (position: object) => {
    const state = { isDone: false };
    const waiting = turns.wait({ url, position, size, countWatchers }, never);
    void waiting.then(() => {
      state.isDone = true;
    });
    return state;
  };
  return { clock, wait, waits, place: placeOf(id), counted: () => counted };
}

test("a watcher waits until its place in the time, and reports that", async () => {
  const { clock, wait, waits, place } = scene({ watchers: 200 });
  const turn = wait({});
  await clock.advance(0);
  assert.deepEqual(waits, [place * 10_000]);
  await clock.advance(place * 10_000 - 1);
  assert.equal(turn.isDone, false);
  await clock.advance(1);
  assert.equal(turn.isDone, true);
});

test("a list that has failed keeps its turn; the one after the next outage gets another", async () => {
  const { clock, wait, waits, counted } = scene({ watchers: 200 });
  const position = {};
  wait(position);
  await clock.advance(4000);
  const again = wait(position);
  await clock.advance(10_000);
  assert.equal(again.isDone, true);
  const failed = wait(position);
  await clock.advance(0);
  assert.equal(failed.isDone, true);
  assert.equal(counted(), 1);
  const later = wait({});
  await clock.advance(0);
  assert.equal(later.isDone, false);
  assert.equal(waits.at(-1), waits[0]);
});

test("ten watchers are assumed where they cannot be counted, and a short wait is not reported", async () => {
  const { clock, wait, waits, place } = scene({ watchers: undefined });
  const turn = wait({});
  await clock.advance(0);
  assert.equal(turn.isDone, false);
  await clock.advance(place * 500);
  assert.equal(turn.isDone, true);
  assert.deepEqual(waits, []);
});

test("watchers are not counted for a small list", async () => {
  const { clock, wait, counted } = scene({ bytes: 9000, watchers: 10_000 });
  const turn = wait({});
  await clock.advance(0);
  assert.deepEqual([turn.isDone, counted()], [true, 0]);
});
