import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { runEach, runLatest } from "../../../lib/base/run-each.ts";
import { untilAborted, whenAborted } from "../../../lib/base/signal.ts";
import { eventually } from "../../support/process.ts";

/** Tasks that log when they begin and end, and take a turn of the event loop to end. */
function scene() {
  const events: string[] = [];
  const task = async (item: string, signal: AbortSignal) => {
    events.push(`+${item}`);
    if (item === "fails") throw new Error("it fails");
    if (item === "returns") return;
    await whenAborted(signal, new AbortController().signal);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(`-${item}`);
  };
  const ending = new AbortController();
  const run = async (work: (signal: AbortSignal) => Promise<void>) => {
    await untilAborted(ending.signal, work(ending.signal));
  };
  const until = (...expected: readonly string[]) =>
    eventually(`${expected}`, () => events.join() === expected.join());
  return { events, task, ending, run, until };
}

test("a task goes on while other items come and go; one that is gone has ended before another starts", async () => {
  const { task, ending, run, until } = scene();
  const items = new Cell<readonly string[]>(["a", "b"]);
  const running = run((s) => runEach(items, task, s));
  await until("+a", "+b");
  items.set(["b", "c"]);
  await until("+a", "+b", "-a", "+c");
  items.set(["c", "b"]);
  items.set(["b", "c", "a"]);
  await until("+a", "+b", "-a", "+c", "+a");
  ending.abort();
  await running;
  await until("+a", "+b", "-a", "+c", "+a", "-b", "-c", "-a");
});

test("a task that fails aborts the others, and its error is thrown", async () => {
  const { events, task, run } = scene();
  const items = new Cell<readonly string[]>(["a", "fails"]);
  await assert.rejects(
    run((s) => runEach(items, task, s)),
    /it fails/,
  );
  assert.deepEqual(events, ["+a", "+fails", "-a"]);
});

test("the latest value has the only task: it is started once, after the one before has ended", async () => {
  const { task, ending, run, until } = scene();
  const cell = new Cell("a");
  const running = run((s) => runLatest(cell, task, s));
  await until("+a");
  cell.set("b");
  cell.set("returns");
  await until("+a", "-a", "+returns");
  cell.set("c");
  await until("+a", "-a", "+returns", "+c");
  ending.abort();
  await running;
  await until("+a", "-a", "+returns", "+c", "-c");
});
