import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer } from "node:net";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { abortable, never } from "../../../lib/base/signal.ts";
import { withTimeout } from "../../../lib/base/timeout.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const pending = () => new Promise<string>(() => {});

test("work that ends within the limit returns its value or throws its error", async () => {
  const clock = new ManualClock();
  const late = () => assert.fail("timed out");
  assert.equal(await withTimeout(100, async () => "done", late, clock, never), "done");
  const failing = async () => Promise.reject(new Error("no"));
  await assert.rejects(withTimeout(100, failing, late, clock, never), new Error("no"));
});

test("at the limit the work is aborted and waited for; the result is that of onTimeout", async () => {
  const clock = new ManualClock();
  const events: string[] = [];
  const { promise: cleanedUp, resolve: cleanUp } = Promise.withResolvers<void>();
  const work = async (s: AbortSignal) => {
    try {
      return await abortable(pending(), s);
    } finally {
      events.push("aborted");
      await cleanedUp;
    }
  };
  const done = withTimeout(100, work, () => "late", clock, never).finally(() =>
    events.push("done"),
  );
  await clock.advance(99);
  assert.deepEqual(events, []);
  await clock.advance(1);
  assert.deepEqual(events, ["aborted"]);
  cleanUp();
  assert.equal(await done, "late");
});

test("a fault that onTimeout throws is thrown", async () => {
  const clock = new ManualClock();
  const fault = new Fault("SILENT", true, "no answer");
  const late = () => {
    throw fault;
  };
  const work = (s: AbortSignal) => abortable(pending(), s);
  const rejected = assert.rejects(withTimeout(100, work, late, clock, never), fault);
  await clock.advance(100);
  await rejected;
});

test("an abort of the parent signal rejects with its reason", async () => {
  const ending = new AbortController();
  const work = (s: AbortSignal) => abortable(pending(), s);
  const late = () => assert.fail("timed out");
  const done = withTimeout(100, work, late, new ManualClock(), ending.signal);
  const rejected = assert.rejects(done, new Error("stop"));
  ending.abort(new Error("stop"));
  await rejected;
});

test("work that was done while the process stood still has not timed out", async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const stillMs = 400;
  const done = withTimeout(
    200,
    async (s) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const socket = connect(port, "127.0.0.1", () => resolve("connected"));
      return await abortable(promise, s).finally(() => socket.destroy());
    },
    () => "late",
    systemClock,
    never,
  );
  const endMs = performance.now() + stillMs;
  while (performance.now() < endMs);
  assert.equal(await done, "connected");
});
