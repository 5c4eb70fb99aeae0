import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../../lib/base/fault.ts";
import { retry } from "../../../../lib/base/retry.ts";
import { MemoryStore } from "../../../../lib/keyspace/memory.ts";
import type { Turn } from "../../../../lib/keyspace/turns/held-turn.ts";
import { takeTurn } from "../../../../lib/keyspace/turns/take-turn.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const group = "edge";

/** Numbers in [0, 1) that are the same in each run. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Advances the clock until the promise has settled. */
async function whileAdvancing<T>(
  clock: ManualClock,
  promise: Promise<T>,
  onStep = () => {},
): Promise<T> {
  let isDone = false;
  const settled = promise.finally(() => {
    isDone = true;
  });
  settled.catch(() => {});
  for (let i = 0; i < 20_000 && !isDone; i += 1) {
    onStep();
    await clock.advance(100);
  }
  assert.ok(isDone, "it does not end");
  return await settled;
}

const request = (name: string, max = 1) => ({ group, name, watcher: name, max, for: "a.cfg" });

for (const [seed, slots] of [
  [1, 1],
  [2, 2],
  [3, 3],
] as const) {
  test(`of 6 that queue, crash or are cleared at random, at most ${slots} hold at a time and each gets its turns`, async (t) => {
    const clock = new ManualClock();
    const store = new MemoryStore(clock);
    const random = numbersFrom(seed);
    let most = 0;
    const holding = new Set<string>();
    const names = ["a", "b", "c", "d", "e", "f"];
    const turns = new Map(names.map((name) => [name, 0]));
    const contend = async (name: string) => {
      while ((turns.get(name) ?? 0) < 5) {
        const keyspace = store.open();
        const crashes = random() < 0.2;
        // As a process that is killed: its heartbeats end, and its entry stays until its TTL is over.
        const source = crashes ? { ...bound(keyspace), open: abandoned(keyspace) } : keyspace;
        const work = async () => {
          holding.add(name);
          most = Math.max(most, holding.size);
          await clock.sleep(Math.floor(random() * 500), t.signal);
          holding.delete(name);
          turns.set(name, (turns.get(name) ?? 0) + 1);
          if (crashes) await keyspace[Symbol.asyncDispose]();
        };
        const deps = { clock, random, onFault: () => {} };
        const take = (_: () => void, s: AbortSignal) =>
          takeTurn(source, request(name, slots), work, deps, s);
        await retry(take, { firstMs: 100, maxMs: 100 }, deps, t.signal);
        await clock.sleep(Math.floor(random() * 300), t.signal);
      }
    };
    const clear = () => {
      const name = names[Math.floor(random() * names.length)] ?? "";
      if (random() < 0.02 && !holding.has(name)) {
        store.write(`/sidekick/turns/${group}/${name}`, "cleared");
      }
    };
    await whileAdvancing(clock, Promise.all(names.map(contend)), clear);
    assert.equal(most, slots);
    assert.ok([...turns.values()].every((count) => count >= 5));
  });
}

function bound(keyspace: ReturnType<MemoryStore["open"]>) {
  return { watch: keyspace.watch.bind(keyspace) };
}

/** A session whose end the store does not learn of. */
function abandoned(keyspace: ReturnType<MemoryStore["open"]>) {
  return async (ttlMs: number, signal: AbortSignal) => {
    const session = await keyspace.open(ttlMs, signal);
    const { id, expired } = session;
    return {
      ...{ id, ttlMs: session.ttlMs, expired },
      put: session.put.bind(session),
      remove: session.remove.bind(session),
      close: async () => {},
    };
  };
}

test("a turn of which the entry was removed cannot be confirmed after half a TTL", async (t) => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const [own, other] = [store.open(), store.open()];
  const deps = { clock, random: () => 0 };
  let fault: unknown;
  const work = async (turn: Turn) => {
    await turn.confirm(t.signal);
    store.expireSessions();
    fault = await turn.confirm(t.signal).catch((error: unknown) => error);
  };
  await whileAdvancing(clock, takeTurn(own, request("a"), work, deps, t.signal));
  assert.ok(fault instanceof Fault && fault.code === "KEYSPACE_TURN_LOST", String(fault));
  let isNext = false;
  const next = async () => {
    isNext = true;
  };
  await whileAdvancing(clock, takeTurn(other, request("b"), next, deps, t.signal));
  assert.ok(isNext);
});

test("a turn that may not be shared waits for the one before, whatever the number", async (t) => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const order: string[] = [];
  const take = (name: string, mayShare: boolean, ms: number) =>
    takeTurn(
      store.open(),
      request(name, 3),
      async () => {
        order.push(`${name} begins`);
        await clock.sleep(ms, t.signal);
        order.push(`${name} ends`);
      },
      { clock, random: () => 0, mayShare: async () => mayShare },
      t.signal,
    );
  const first = take("a", false, 2000);
  await clock.advance(100);
  const others = [take("b", false, 100), take("c", true, 100)];
  await whileAdvancing(clock, Promise.all([first, ...others]));
  assert.deepEqual(order.slice(0, 3), ["a begins", "c begins", "c ends"]);
  assert.deepEqual(order.slice(3), ["a ends", "b begins", "b ends"]);
});

test("an entry that an operator clears is queued again, at the end", async (t) => {
  const clock = new ManualClock();
  const store = new MemoryStore(clock);
  const places = new Map<string, number>();
  const take = (name: string, work: () => Promise<void>) =>
    takeTurn(
      store.open(),
      request(name),
      work,
      { clock, random: () => 0, onPlace: ({ before }) => places.set(name, before) },
      t.signal,
    );
  const first = take("a", () => clock.sleep(5000, t.signal));
  await clock.advance(100);
  const order: string[] = [];
  const second = take("b", async () => void order.push("b"));
  await clock.advance(100);
  const third = take("c", async () => void order.push("c"));
  await clock.advance(100);
  assert.deepEqual(
    [...places],
    [
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ],
  );
  store.write(`/sidekick/turns/${group}/b`, "cleared");
  await whileAdvancing(clock, Promise.all([first, second, third]));
  assert.deepEqual(order, ["c", "b"]);
});
