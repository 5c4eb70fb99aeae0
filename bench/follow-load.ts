import { setTimeout as delay } from "node:timers/promises";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually } from "../test/support/process.ts";
import { bareClient } from "./bare-client.ts";
import { changeAt, entriesBelow } from "./instances.ts";
import { monotonicMs } from "./monotonic.ts";
import { startStore } from "./stores.ts";
import { type Loaded, Witness } from "./witness.ts";

const folder = "/services";

/** Changes that come before those that count, so that the compiler is done with both programs. */
const warmUps = 1000;

export interface FollowLoad {
  readonly keys: number;
  readonly puts: number;
  /** How often all keys are loaded, each time by a new process. */
  readonly loads: number;
}

/** A store with so many keys, read and watched by its bare library and followed by us. */
export interface FollowFigures {
  readonly store: string;
  readonly keys: number;
  readonly bare: Seen;
  readonly ours: Seen;
  /** What the process that follows takes: before it does, when the last change has come, and at the most. */
  readonly emptyMb: number;
  readonly restMb: number;
  readonly peakMb: number;
  /** What it keeps in its heap for each key, in bytes, and what the key and its value are long. */
  readonly heapPerKey: number;
  readonly textPerKey: number;
}

interface Seen {
  /** How long each load of all keys took. */
  readonly loadMs: readonly number[];
  /** How long after each put the change was there. */
  readonly changeMs: readonly number[];
  /** Processor time for each change. */
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
  const driven = await drive(put, puts, bare.witness, ours.witness);
  const { nowMb: restMb, peakMb } = await ours.witness.memory();
  const keptBytes = (await ours.witness.ask("heapBytes")) - ours.loaded.emptyHeapBytes;
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

/** Loads the keys that often, and keeps the last process that did. */
async function loading(scope: CleanupScope, program: string, args: readonly string[], loads: number) {
  const loadMs: number[] = [];
  for (;;) {
    const [witness, loaded]: [Witness, Loaded] = await Witness.start(scope, program, args);
    loadMs.push(loaded.tookMs);
    if (loadMs.length >= loads) return { witness, loaded, loadMs };
    await witness.end();
  }
}

/** Puts one after the other, each after a rest; both see the same ones. */
async function drive(
  put: (n: number) => Promise<void>,
  puts: number,
  bare: Witness,
  ours: Witness,
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
  const changes = async (witness: Witness) =>
    (await saw(witness, warmUps + puts))
      .slice(warmUps)
      .map((seenMs, i) => seenMs - (putMs[i] ?? Number.NaN));
  return {
    bare: { changeMs: await changes(bare), cpuMs: (after.bare - before.bare) / puts },
    ours: { changeMs: await changes(ours), cpuMs: (after.ours - before.ours) / puts },
  };
}

/** Waits until a witness has seen so many changes; when it saw each of them. */
async function saw(witness: Witness, count: number): Promise<readonly number[]> {
  return await eventually(`${count} changes are seen`, async () => {
    const seenMs = await witness.ask("seenMs");
    return seenMs.length === count && seenMs;
  });
}
