import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import {
  abortable,
  childScope,
  never,
  race,
  runAll,
  untilAborted,
  whenAborted,
} from "../../../lib/base/signal.ts";

/** Waits until the signal aborts, and then a little longer; records its end. */
async function lingering(signal: AbortSignal, ended: string[], name: string): Promise<never> {
  try {
    return await abortable(new Promise<never>(() => {}), signal);
  } finally {
    await new Promise((resolve) => setImmediate(resolve));
    ended.push(name);
  }
}

const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

test("childScope: the child aborts with its parent, for the same reason", async () => {
  const parent = new AbortController();
  const waiting = childScope(parent.signal, (s) => lingering(s, [], ""));
  const rejected = assert.rejects(waiting, new Error("stop"));
  parent.abort(new Error("stop"));
  await rejected;
});

test("childScope: the child aborts when the work returns, and leaves no listener on the parent", async () => {
  const parent = new AbortController();
  let child: AbortSignal | undefined;
  const given = await childScope(parent.signal, async (signal) => {
    child = signal;
    assert.equal(signal.aborted, false);
    return 7;
  });
  assert.equal(given, 7);
  assert.equal(child?.aborted, true);
  assert.equal(parent.signal.aborted, false);
  assert.equal(listeners(parent.signal), 0);
});

test("childScope: work may stop itself without stopping the parent", async () => {
  const parent = new AbortController();
  const work = childScope(parent.signal, async (signal, stop) => {
    stop(new Error("enough"));
    await lingering(signal, [], "");
  });
  await assert.rejects(work, new Error("enough"));
  assert.equal(parent.signal.aborted, false);
});

test("childScope: work does not start under an aborted signal", async () => {
  const work = childScope(AbortSignal.abort(new Error("over")), async () => assert.fail("begun"));
  await assert.rejects(work, new Error("over"));
});

test("abortable: the promise or the signal, whichever is first; leaves no listener on the signal", async () => {
  const ending = new AbortController();
  assert.equal(await abortable(Promise.resolve(1), ending.signal), 1);
  await assert.rejects(abortable(Promise.reject(new Error("no")), ending.signal), new Error("no"));
  assert.equal(listeners(ending.signal), 0);
  const waiting = assert.rejects(
    abortable(new Promise(() => {}), ending.signal),
    new Error("stop"),
  );
  ending.abort(new Error("stop"));
  await waiting;
});

test("abortable: a promise that fails after the signal has aborted does not end the process", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  await assert.rejects(abortable(promise, AbortSignal.abort(new Error("stop"))), new Error("stop"));
  const unhandled: unknown[] = [];
  const record = (error: unknown) => unhandled.push(error);
  process.once("unhandledRejection", record);
  reject(new Error("too late"));
  await new Promise((resolve) => setImmediate(resolve));
  process.removeListener("unhandledRejection", record);
  assert.deepEqual(unhandled, []);
});

test("whenAborted: resolves with the event, rejects with the signal", async () => {
  await whenAborted(AbortSignal.abort(), never);
  const event = new AbortController();
  const waiting = whenAborted(event.signal, never);
  event.abort();
  await waiting;
  const ending = new AbortController();
  const rejected = assert.rejects(whenAborted(never, ending.signal), new Error("stop"));
  ending.abort(new Error("stop"));
  await rejected;
  assert.equal(listeners(never), 0);
});

test("race: returns the result of the first task, after the others have ended", async () => {
  const ended: string[] = [];
  const won = await race<string>(
    never,
    async () => "won",
    (s) => lingering(s, ended, "lost"),
  );
  assert.equal(won, "won");
  assert.deepEqual(ended, ["lost"]);
  assert.equal(listeners(never), 0);
});

test("race: throws the error of the first task, after the others have ended", async () => {
  const ended: string[] = [];
  const work = race<void>(
    never,
    async () => Promise.reject(new Error("no")),
    (s) => lingering(s, ended, "lost"),
  );
  await assert.rejects(work, new Error("no"));
  assert.deepEqual(ended, ["lost"]);
});

test("runAll: the first failure aborts the other tasks and is thrown", async () => {
  const ended: string[] = [];
  const work = runAll(
    never,
    (s) => lingering(s, ended, "a"),
    async () => Promise.reject(new Error("no")),
    (s) => lingering(s, ended, "b"),
  );
  await assert.rejects(work, new Error("no"));
  assert.deepEqual(ended.sort(), ["a", "b"]);
});

test("runAll: a task that returns does not abort the others", async () => {
  const parent = new AbortController();
  const ended: string[] = [];
  const work = runAll(
    parent.signal,
    async () => {},
    (s) => lingering(s, ended, "a"),
  );
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(ended, []);
  const rejected = assert.rejects(work, new Error("stop"));
  parent.abort(new Error("stop"));
  await rejected;
  assert.deepEqual(ended, ["a"]);
});

test("runAll: returns when all have returned", async () => {
  await runAll(
    never,
    async () => {},
    async () => {},
  );
});

test("untilAborted: only an error caused by the abort counts as completion", async () => {
  const ending = new AbortController();
  const early = Promise.reject(new DOMException("", "AbortError"));
  await assert.rejects(untilAborted(ending.signal, early), { name: "AbortError" });
  ending.abort(new Error("stop"));
  await untilAborted(ending.signal, Promise.reject(ending.signal.reason));
  await untilAborted(ending.signal, Promise.reject(new DOMException("", "AbortError")));
  const bug = Promise.reject(new TypeError("bug"));
  await assert.rejects(untilAborted(ending.signal, bug), TypeError);
});
