import assert from "node:assert/strict";
import { test } from "node:test";
import { runUntil, type Service } from "../../../lib/base/run-until.ts";
import { never, whenAborted } from "../../../lib/base/signal.ts";

/** Services that note when they start, are stopped, and have ended: that only when the test lets them. */
function services(...names: readonly string[]) {
  const events: string[] = [];
  const gates = new Map(names.map((name) => [name, Promise.withResolvers<void>()]));
  const service = (name: string): Service => ({
    run: async (signal) => {
      events.push(`${name} starts`);
      await Promise.race([whenAborted(signal, never), gates.get(name)?.promise]);
      if (signal.aborted) events.push(`${name} is stopped`);
      await gates.get(name)?.promise;
      events.push(`${name} has ended`);
    },
  });
  return {
    events,
    service,
    end: async (name: string, error?: Error) => {
      if (error) gates.get(name)?.reject(error);
      else gates.get(name)?.resolve();
      await settled();
    },
  };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("services start in one order and stop in the other, each once the one before has ended", async () => {
  const { events, service, end } = services("a", "b", "c");
  const [a, b, c] = [service("a"), service("b"), service("c")];
  const stopping = new AbortController();
  const run = runUntil(stopping.signal, { start: [a, b, c], stop: [b, c, a] });
  await settled();
  assert.deepEqual(events.splice(0), ["a starts", "b starts", "c starts"]);
  stopping.abort(new Error("stop"));
  await settled();
  assert.deepEqual(events.splice(0), ["b is stopped"]);
  await end("b");
  assert.deepEqual(events.splice(0), ["b has ended", "c is stopped"]);
  await end("c");
  assert.deepEqual(events.splice(0), ["c has ended", "a is stopped"]);
  await end("a");
  await run;
});

test("a service that fails stops the others in order, and its error is thrown once they have ended", async () => {
  const { events, service, end } = services("a", "b", "c");
  const [a, b, c] = [service("a"), service("b"), service("c")];
  const run = runUntil(never, { start: [a, b, c], stop: [c, b, a] });
  const failed = assert.rejects(run, { message: "it failed" });
  await end("b", new Error("it failed"));
  assert.deepEqual(events.slice(3), ["c is stopped"]);
  await end("c");
  assert.deepEqual(events.slice(3), ["c is stopped", "c has ended", "a is stopped"]);
  await end("a", new Error("a second failure"));
  await failed;
});

test("before the first service is stopped, the reason is passed on; not if none had to be", async () => {
  const { service, end } = services("a", "b");
  const [a, b] = [service("a"), service("b")];
  const reasons: unknown[] = [];
  const onStopping = (reason: unknown) => reasons.push(reason);
  const run = runUntil(never, { start: [a, b], stop: [a, b], onStopping });
  const failed = assert.rejects(run, { message: "it failed" });
  await end("a", new Error("it failed"));
  assert.deepEqual(reasons, [new Error("it failed")]);
  await end("b");
  await failed;
  const quiet: unknown[] = [];
  await runUntil(never, { start: [], stop: [], onStopping: (reason) => quiet.push(reason) });
  assert.deepEqual(quiet, []);
});

test("it returns once every service has returned by itself", async () => {
  const { service, end } = services("a", "b");
  const [a, b] = [service("a"), service("b")];
  const run = runUntil(never, { start: [a, b], stop: [a, b] });
  await end("b");
  await end("a");
  await run;
});

test("the reason of the signal is no failure", async () => {
  const stopping = new AbortController();
  const waits: Service = {
    run: async (signal) => {
      await whenAborted(signal, never);
      signal.throwIfAborted();
    },
  };
  const run = runUntil(stopping.signal, { start: [waits], stop: [waits] });
  stopping.abort(new Error("stop"));
  await run;
});
