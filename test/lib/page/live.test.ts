import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Overview } from "../../../lib/overview/contract.ts";
import { Live } from "../../../lib/page/live.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/process.ts";
import { overviewOf } from "./overviews.ts";

/** A page whose overview changes each time that it is made, and the browsers on it. */
function scene(t: TestContext, overview?: () => Overview) {
  const clock = new ManualClock();
  let made = 0;
  const each = async () => {
    made += 1;
    return overview?.() ?? overviewOf(0, { keyspace: `file:./${made}` });
  };
  const live = new Live(each, { clock, random: () => 0.5 });
  const ending = new AbortController();
  const running = live.run(() => {}, ending.signal).catch(() => {});
  t.after(() => {
    ending.abort(new Error("stop"));
    return running;
  });
  const browser = (waiting = () => 0, id?: string) => {
    const events: string[] = [];
    const state = { events, hasEnded: false };
    const sink = { write: (text: string) => void events.push(text), waiting };
    void live
      .listen(id, sink, ending.signal)
      .catch(() => {})
      .then(() => {
        state.hasEnded = true;
      });
    return state;
  };
  return { clock, live, browser, made: () => made };
}

const named = (events: readonly string[], name: string) =>
  events.filter((text) => text.startsWith(`event: ${name}\n`)).length;

test("nothing is made while no browser listens", async (t) => {
  const { clock, browser, made } = scene(t);
  await clock.advance(60_000);
  assert.equal(made(), 0);
  const one = browser();
  await eventually("it has the whole", () => named(one.events, "whole") === 1);
});

test("a browser gets at most 4 changes a second, and signs of life", async (t) => {
  const { clock, browser } = scene(t);
  const one = browser();
  await eventually("it has the whole", () => named(one.events, "whole") === 1);
  for (let i = 0; i < 100; i += 1) await clock.advance(100);
  const count = named(one.events, "change");
  assert.ok(count > 30 && count <= 41, `${count} changes in 10 s`);
  assert.equal(named(one.events, "alive"), 1);
});

test("without a change nothing but signs of life is sent, and a browser that shows it gets no whole", async (t) => {
  const { clock, live, browser } = scene(t, () => overviewOf(3));
  const { id } = await live.refresh(t.signal);
  const one = browser(() => 0, id);
  for (let i = 0; i < 100; i += 1) await clock.advance(100);
  assert.deepEqual([named(one.events, "whole"), named(one.events, "change")], [0, 0]);
  assert.ok(named(one.events, "alive") >= 2);
});

test("the 17th browser takes the place of the oldest", async (t) => {
  const { clock, browser } = scene(t);
  const first = browser();
  await eventually("it listens", () => first.events.length > 0);
  const others = Array.from({ length: 15 }, () => browser());
  await clock.advance(100);
  assert.equal(first.hasEnded, false);
  const last = browser();
  await eventually("the oldest has ended", () => first.hasEnded);
  await clock.advance(1000);
  assert.deepEqual(
    [...others, last].map(({ hasEnded }) => hasEnded),
    Array(16).fill(false),
  );
  assert.ok(named(last.events, "change") > 0);
});

test("a browser for which more than 1 MB waits is given up, and the others are not", async (t) => {
  const { clock, browser } = scene(t);
  let waiting = 0;
  const [slow, other] = [browser(() => waiting), browser()];
  await clock.advance(1000);
  assert.equal(slow.hasEnded, false);
  waiting = 1024 * 1024 + 100_000;
  const sent = slow.events.length;
  await clock.advance(1000);
  await eventually("it has ended", () => slow.hasEnded);
  assert.equal(slow.events.length, sent);
  assert.equal(other.hasEnded, false);
});
