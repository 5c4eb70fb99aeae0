import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { abortable } from "../../lib/base/signal.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import { type Batch, type Entry, folderOf, isWithin } from "../../lib/model/entry.ts";
import { eventually, hangMs } from "../support/process.ts";

/** A running watch and its batches so far. */
export interface Watching {
  readonly batches: readonly Batch[];
  /** The entries after the last batch. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Resolves after the first reset. */
  ready(): Promise<Watching>;
  /** Resolves once the entries are exactly these values. */
  until(values: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves with the entry once it exists and `matches`. */
  entry(key: string, matches: (entry: Entry) => boolean): Promise<Entry>;
  /** All observed values of the key, in order. */
  history(key: string): readonly string[];
  /** Waits for the end of the watch. Resolves with its error; undefined if its signal ended it. */
  ended(): Promise<unknown>;
}

/** Watches until the end of the test, or until `signal` aborts. A watch that fails by itself fails the test. */
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

  const waitFor = async <T>(what: string, check: () => T | undefined | false): Promise<T> =>
    await eventually(`${what} in a watch of ${prefixes}`, () => {
      if (failure !== undefined) return { failure };
      const value = check();
      return value === undefined || value === false ? undefined : { value };
    }).then((outcome) => {
      if ("failure" in outcome) throw outcome.failure;
      return outcome.value as T;
    });

  const watch: Watching = {
    batches,
    entries,
    ready: async () => {
      await waitFor("a first reset", () => batches.length > 0);
      return watch;
    },
    until: async (values) => {
      const expected = Object.entries(values);
      const count = expected.length;
      const isSame = () =>
        entries.size === count &&
        expected.every(([key, value]) => entries.get(key)?.value === value);
      try {
        await waitFor("the expected entries", isSame);
      } catch (error) {
        if (failure === undefined && count < 50) assert.deepEqual(valuesSeen(watch), values);
        throw error;
      }
    },
    entry: async (key, matches) =>
      await waitFor(`a matching ${key}`, () => {
        const entry = entries.get(key);
        return entry && matches(entry) ? entry : undefined;
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

/** The values of all current entries of a watch, by key. */
export function valuesSeen({ entries }: Watching): Record<string, string> {
  return Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
}

/** A clean-up step of a test that must not hang. */
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
