import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import {
  abortable,
  childScope,
  race,
  runAll,
  untilAborted,
  whenAborted,
} from "../../../lib/base/signal.ts";

/** Waits until the signal aborts, and then a little longer; notes that it has ended. */
async function lingering(signal: AbortSignal, ended: string[], name: string): Promise<never> {
  try {
    return await abortable(new Promise<never>(() => {}), signal);
  } finally {
    await new Promise((resolve) => setImmediate(resolve));
    ended.push(name);
  }
}

const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

test("childScope: the child ends with its parent, for the parent's reason", async () => {
  const parent = new AbortController();
  const waiting = childScope(parent.signal, (s) => lingering(s, [], ""));
  const rejected = assert.rejects(waiting, new Error("stop"));
  parent.abort(new Error("stop"));
  await rejected;
});

test("childScope: the child ends when the work returns, and nothing stays on the parent", async () => {
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

test("childScope: nothing is begun under a signal that has aborted", async () => {
  const work = childScope(AbortSignal.abort(new Error("over")), async () => assert.fail("begun"));
  await assert.rejects(work, new Error("over"));
});

test("abortable: the promise or the signal, whichever is first; nothing stays on the signal", async () => {
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
  const note = (error: unknown) => unhandled.push(error);
  process.once("unhandledRejection", note);
  reject(new Error("too late"));
  await new Promise((resolve) => setImmediate(resolve));
  process.removeListener("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

test("whenAborted: resolves with the event, rejects with the signal", async () => {
  const { signal: never } = new AbortController();
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

test("race: gives what the first task gives, after the others have ended", async () => {
  const { signal: never } = new AbortController();
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

test("race: fails as the first task fails, after the others have ended", async () => {
  const ended: string[] = [];
  const work = race<void>(
    new AbortController().signal,
    async () => Promise.reject(new Error("no")),
    (s) => lingering(s, ended, "lost"),
  );
  await assert.rejects(work, new Error("no"));
  assert.deepEqual(ended, ["lost"]);
});

test("runAll: the first failure ends the rest and is what is thrown", async () => {
  const ended: string[] = [];
  const work = runAll(
    new AbortController().signal,
    (s) => lingering(s, ended, "a"),
    async () => Promise.reject(new Error("no")),
    (s) => lingering(s, ended, "b"),
  );
  await assert.rejects(work, new Error("no"));
  assert.deepEqual(ended.sort(), ["a", "b"]);
});

test("runAll: a task that returns does not end the others", async () => {
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
    new AbortController().signal,
    async () => {},
    async () => {},
  );
});

test("untilAborted: only the end of the signal counts as the end", async () => {
  const ending = new AbortController();
  const early = Promise.reject(new DOMException("", "AbortError"));
  await assert.rejects(untilAborted(ending.signal, early), { name: "AbortError" });
  ending.abort(new Error("stop"));
  await untilAborted(ending.signal, Promise.reject(ending.signal.reason));
  await untilAborted(ending.signal, Promise.reject(new DOMException("", "AbortError")));
  const bug = Promise.reject(new TypeError("bug"));
  await assert.rejects(untilAborted(ending.signal, bug), TypeError);
});
