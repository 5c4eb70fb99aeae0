import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { abortable, never, whenAborted } from "../../../lib/base/signal.ts";
import { type Start, withTasks } from "../../../lib/base/tasks.ts";

/** A task that runs until it is aborted, and the reason. */
function lasting() {
  const task = { ended: "", signal: never };
  const run = async (signal: AbortSignal) => {
    task.signal = signal;
    await whenAborted(signal, never);
    task.ended = String(signal.reason.message ?? signal.reason);
    signal.throwIfAborted();
  };
  return { task, run };
}

const forever = (signal: AbortSignal) => abortable(new Promise<void>(() => {}), signal);

test("a task can be stopped alone, and the others end with the work", async () => {
  const [one, other] = [lasting(), lasting()];
  await withTasks(never, async (start) => {
    const stop = start(one.run);
    start(other.run);
    stop();
    assert.ok(one.task.signal.aborted);
    assert.ok(!other.task.signal.aborted);
  });
  assert.ok(one.task.ended);
  assert.equal(other.task.ended, "the work has ended");
});

test("the first task that fails aborts the work and the other tasks with its error", async () => {
  const other = lasting();
  const failing = async () => {
    throw new Error("oops");
  };
  const running = withTasks(never, async (start, signal) => {
    start(other.run);
    start(failing);
    await forever(signal);
  });
  await assert.rejects(running, new Error("oops"));
  assert.equal(other.task.ended, "oops");
});

test("all tasks end with the signal, and none is started after that", async () => {
  const ending = new AbortController();
  const one = lasting();
  let late: Start | undefined;
  const running = withTasks(ending.signal, async (start, signal) => {
    late = start;
    start(one.run);
    await forever(signal);
  });
  ending.abort(new Error("stop"));
  await assert.rejects(running, new Error("stop"));
  assert.equal(one.task.ended, "stop");
  assert.throws(() => late?.(forever));
});

test("all tasks share one listener", async () => {
  await withTasks(never, async (start, signal) => {
    const before = getEventListeners(signal, "abort").length;
    for (let i = 0; i < 100; i += 1) start(forever);
    assert.equal(getEventListeners(signal, "abort").length, before);
  });
});
