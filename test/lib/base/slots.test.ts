import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { Slots } from "../../../lib/base/slots.ts";

test("so many tasks run at a time, the others in their order, and a failure frees its slot", async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = Array.from({ length: 5 }, (_, i) => {
    const task = async () => {
      begun.push(i);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (i === 0) throw new Error("fails");
      return i;
    };
    return slots.run(task, never).catch(String);
  });
  for (let i = 0; i < 5; i += 1) {
    await turn();
    assert.deepEqual(begun, [0, 1, 2, 3, 4].slice(0, i + 2));
    ends[i]?.();
  }
  assert.deepEqual(await Promise.all(all), ["Error: fails", 1, 2, 3, 4]);
});

test("a task that is given up while it waits takes no slot, not even one that it gets at that moment", async () => {
  const slots = new Slots(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = slots.run(() => promise, never);
  const stopping = new AbortController();
  const given = slots.run(async () => assert.fail("it runs"), stopping.signal).catch(String);
  stopping.abort("over");
  assert.equal(await given, "over");
  const late = new AbortController();
  const atOnce = slots.run(async () => "ran", late.signal).catch(String);
  resolve();
  late.abort("too late");
  await first;
  await atOnce;
  assert.equal(await slots.run(async () => "free", never), "free");
});

/** Lets everything happen that needs no time. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
