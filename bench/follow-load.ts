import { setTimeout as delay } from "node:timers/promises";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually } from "../test/support/process.ts";
import { bareClient } from "./bare-client.ts";
import { changeAt, entriesBelow } from "./instances.ts";
import { monotonicMs } from "./monotonic.ts";
import { type Loaded, Observer } from "./observer.ts";
import { startStore } from "./stores.ts";

const folder = "/services";

/** The number of changes before the measured ones, so that both programs are compiled. */
const warmUps = 1000;

export interface FollowLoad {
  readonly keys: number;
  readonly puts: number;
  /** The number of loads of all keys, each by a new process. */
  readonly loads: number;
}

/** The figures of a store: its keys are read and watched by its plain library, and followed by sidekick. */
export interface FollowFigures {
  readonly store: string;
  readonly keys: number;
  readonly bare: Seen;
  readonly ours: Seen;
  /** The memory of the following process: before it follows, after the last change, and at its peak. */
  readonly emptyMb: number;
  readonly restMb: number;
  readonly peakMb: number;
  /** The bytes of its heap per key, and the length of a key and its value. */
  readonly heapPerKey: number;
  readonly textPerKey: number;
}

interface Seen {
  /** The duration of each load of all keys. */
  readonly loadMs: readonly number[];
  /** The time from each put to its observation. */
  readonly changeMs: readonly number[];
  /** CPU time per change. */
  readonly cpuMs: number;
}

export async function followLoad(
  store: string,
  { keys, puts, loads }: FollowLoad,
): Promise<FollowFigures> {
  await using scope = new CleanupScope();
  const { url } = await startStore(store, scope);
  const writer = await bareClient(url);
  scope.after(() => writer.close());
  const entries = entriesBelow(folder, keys);
  await writer.fill(entries);

  const args = [url, folder, String(keys), String(warmUps + puts)];
  const bare = await loading(scope, "watch-keys.ts", args, loads);
  const ours = await loading(scope, "follow-keys.ts", args, loads);
  for (const { loaded } of [bare, ours]) {
    if (loaded.keys !== keys) throw new Error(`${loaded.keys} of ${keys} keys were loaded`);
  }
  const put = (n: number) => writer.put(changeAt(folder, n, keys));
  const driven = await drive(put, puts, bare.observer, ours.observer);
  const { nowMb: restMb, peakMb } = await ours.observer.memory();
  const keptBytes = (await ours.observer.ask("heapBytes")) - ours.loaded.emptyHeapBytes;
  const textBytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return {
    store,
    keys,
    bare: { loadMs: bare.loadMs, ...driven.bare },
    ours: { loadMs: ours.loadMs, ...driven.ours },
    emptyMb: ours.loaded.emptyMb,
    ...{ restMb, peakMb },
    heapPerKey: keptBytes / keys,
    textPerKey: textBytes / keys,
  };
}

/** Loads the keys this often, and keeps the last process. */
async function loading(
  scope: CleanupScope,
  program: string,
  args: readonly string[],
  loads: number,
) {
  const loadMs: number[] = [];
  for (;;) {
    const [observer, loaded]: [Observer, Loaded] = await Observer.start(scope, program, args);
    loadMs.push(loaded.tookMs);
    if (loadMs.length >= loads) return { observer, loaded, loadMs };
    await observer.end();
  }
}

/** Puts one key after the other, each after a pause. Both observers see the same puts. */
async function drive(
  put: (n: number) => Promise<void>,
  puts: number,
  bare: Observer,
  ours: Observer,
) {
  for (let n = 0; n < warmUps; n += 1) await put(n);
  await Promise.all([saw(bare, warmUps), saw(ours, warmUps)]);
  const before = { bare: await bare.ask("cpuMs"), ours: await ours.ask("cpuMs") };
  const putMs: number[] = [];
  for (let i = 0; i < puts; i += 1) {
    await delay(20 + (i % 7) * 3);
    putMs.push(monotonicMs());
    await put(warmUps + i);
  }
  await delay(20);
  const after = { bare: await bare.ask("cpuMs"), ours: await ours.ask("cpuMs") };
  const changes = async (observer: Observer) =>
    (await saw(observer, warmUps + puts))
      .slice(warmUps)
      .map((seenMs, i) => seenMs - (putMs[i] ?? Number.NaN));
  return {
    bare: { changeMs: await changes(bare), cpuMs: (after.bare - before.bare) / puts },
    ours: { changeMs: await changes(ours), cpuMs: (after.ours - before.ours) / puts },
  };
}

/** Waits until an observer has seen this many changes. Resolves with the times at which it saw them. */
async function saw(observer: Observer, count: number): Promise<readonly number[]> {
  return await eventually(`${count} changes are seen`, async () => {
    const seenMs = await observer.ask("seenMs");
    return seenMs.length === count && seenMs;
  });
}
