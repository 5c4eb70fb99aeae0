import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { abortable } from "../../lib/base/signal.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import { type Batch, type Entry, folderOf, isWithin } from "../../lib/model/entry.ts";
import { eventually, hangMs } from "../support/process.ts";

/** A watch that a test keeps running, and what came of it so far. */
export interface Watching {
  readonly batches: readonly Batch[];
  /** What the batches add up to. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Resolves after the first reset. */
  ready(): Promise<Watching>;
  /** Resolves once the entries are exactly these values. */
  until(values: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves with the entry once it is there and `suits`. */
  entry(key: string, suits: (entry: Entry) => boolean): Promise<Entry>;
  /** Every value that the key was seen with, in order. */
  history(key: string): readonly string[];
  /** Waits for the end of the watch: what it failed with, or undefined where its signal ended it. */
  ended(): Promise<unknown>;
}

/** Watches until the test is over, or until `signal` aborts. A watch that fails by itself fails the test. */
export function watching(
  t: TestContext,
  source: KeySource,
  prefixes: readonly string[],
  signal?: AbortSignal,
): Watching {
  const stop = new AbortController();
  const ending = signal ?? stop.signal;
  const batches: Batch[] = [];
  const entries = new Map<string, Entry>();
  let failure: unknown;

  const run = async () => {
    try {
      for await (const batch of source.watch(prefixes, ending)) {
        check(batch, batches.length, prefixes);
        fold(entries, batch);
        batches.push(batch);
      }
      if (!ending.aborted) throw new Error("the watch ended by itself");
    } catch (error) {
      if (!ending.aborted || error !== ending.reason) failure = error;
    }
  };
  const running = run();
  t.after(
    closing("ending a watch", async () => {
      stop.abort();
      if (!signal) await running;
    }),
  );

  const answer = async <T>(what: string, ask: () => T | undefined | false): Promise<T> =>
    await eventually(`${what} in a watch of ${prefixes}`, () => {
      if (failure !== undefined) return { failure };
      const value = ask();
      return value === undefined || value === false ? undefined : { value };
    }).then((outcome) => {
      if ("failure" in outcome) throw outcome.failure;
      return outcome.value as T;
    });

  const watch: Watching = {
    batches,
    entries,
    ready: async () => {
      await answer("a first reset", () => batches.length > 0);
      return watch;
    },
    until: async (values) => {
      const count = Object.keys(values).length;
      const same = () =>
        entries.size === count &&
        Object.entries(values).every(([key, value]) => entries.get(key)?.value === value);
      try {
        await answer("the entries that were waited for", same);
      } catch (error) {
        if (failure === undefined && count < 50) assert.deepEqual(valuesSeen(watch), values);
        throw error;
      }
    },
    entry: async (key, suits) =>
      await answer(`a suitable ${key}`, () => {
        const entry = entries.get(key);
        return entry && suits(entry) ? entry : undefined;
      }),
    history: (key) =>
      batches
        .map((batch) => (batch.kind === "reset" ? batch.entries : batch.put).get(key)?.value)
        .filter((value) => value !== undefined),
    ended: async () => {
      await abortable(running, AbortSignal.timeout(hangMs));
      return failure;
    },
  };
  return watch;
}

/** Value by key of all entries that a watch holds now. */
export function valuesSeen({ entries }: Watching): Record<string, string> {
  return Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
}

/** Does `work` for every item, at most `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** A step of a test's clean-up that must not hang. */
export function closing(what: string, work: () => PromiseLike<void>): () => Promise<void> {
  return async () => {
    const limit = AbortSignal.timeout(hangMs);
    await abortable(Promise.resolve(work()), limit).catch((error) => {
      throw limit.aborted ? new Error(`${what} takes longer than ${hangMs} ms`) : error;
    });
  };
}

function check(batch: Batch, index: number, prefixes: readonly string[]): void {
  if (index === 0) assert.equal(batch.kind, "reset", "the first batch is a reset");
  const put = batch.kind === "reset" ? batch.entries : batch.put;
  const gone = batch.kind === "reset" ? [] : batch.gone;
  const folders = prefixes.map(folderOf);
  for (const [key, entry] of put) {
    assert.equal(entry.key, key);
    assert.ok(!gone.includes(key), `${key} is both put and gone`);
  }
  for (const key of [...put.keys(), ...gone]) {
    assert.ok(
      folders.some((folder) => isWithin(key, folder)),
      `${key} lies outside ${prefixes}`,
    );
  }
}

function fold(entries: Map<string, Entry>, batch: Batch): void {
  if (batch.kind === "reset") {
    entries.clear();
    for (const [key, entry] of batch.entries) entries.set(key, entry);
    return;
  }
  for (const key of batch.gone) entries.delete(key);
  for (const [key, entry] of batch.put) entries.set(key, entry);
}
