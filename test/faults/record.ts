import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { atEnd } from "../support/process.ts";
import type { Reading, Store, StoredEntry } from "./store.ts";

/** The entries of the store at one moment between the request and its answer. */
export interface StoreSample {
  /** The time of the request. */
  readonly fromMs: number;
  /** The time of the answer. */
  readonly atMs: number;
  /** Whether this sample and the previous one show all changes in between. */
  readonly isContinuous: boolean;
  /** Undefined if no member answered. */
  readonly entries: ReadonlyMap<string, StoredEntry> | undefined;
}

/** The lines of the file from one moment on. */
export interface FileSample {
  readonly atMs: number;
  readonly lines: ReadonlySet<string>;
}

const intervalMs = 50;

/** Records the entries of a store and the lines of a file, with their times, until the end of the test. */
export class Recording {
  readonly store: StoreSample[] = [];
  readonly file: FileSample[] = [];
  #text = "";
  #reading: Reading | undefined;
  #fileReads = Promise.resolve();

  /** Starts recording. */
  static start(
    t: Pick<TestContext, "after">,
    store: Store,
    folder: string,
    file: string,
  ): Recording {
    const recording = new Recording();
    const watching = watch(dirname(file), (_, name) => {
      if (name === basename(file)) void recording.#sampleFile(file);
    });
    const stop = new AbortController();
    const polling = recording.#poll(store, folder, file, stop.signal);
    atEnd(t, async () => {
      stop.abort();
      watching.close();
      await polling;
    });
    return recording;
  }

  /** Removes all samples but the last ones. */
  clear(): void {
    this.store.splice(0, this.store.length - 1);
    this.file.splice(0, this.file.length - 1);
  }

  async #poll(store: Store, folder: string, file: string, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const fromMs = performance.now();
      const reading = await store.read(folder).catch(() => undefined);
      const isContinuous = isContinuation(reading, this.#reading);
      this.#reading = reading;
      const { entries } = reading ?? {};
      this.store.push({ fromMs, atMs: performance.now(), isContinuous, entries });
      await this.#sampleFile(file);
      await delay(intervalMs);
    }
  }

  /** Reads the file, one read at a time: of two concurrent reads the earlier one could end last. */
  async #sampleFile(file: string): Promise<void> {
    this.#fileReads = this.#fileReads.then(() => this.#readFile(file));
    await this.#fileReads;
  }

  async #readFile(file: string): Promise<void> {
    const text = await readFile(file, "utf8").catch(() => "");
    const atMs = performance.now();
    if (text === this.#text) return;
    this.#text = text;
    this.file.push({ atMs, lines: new Set(text.split("\n").filter(Boolean)) });
  }
}

/** Whether all changes that the store has counted between two readings are visible in them. */
function isContinuation(reading: Reading | undefined, before: Reading | undefined): boolean {
  if (!reading || !before) return false;
  let counted = 0;
  for (const [folder, changes] of reading.changes) {
    const since = changes - (before.changes.get(folder) ?? changes);
    if (since < 0) return false;
    counted += since;
  }
  const gone = [...before.entries.keys()].filter((key) => !reading.entries.has(key));
  const changed = [...reading.entries].filter(([key, { created, value }]) => {
    const old = before.entries.get(key);
    return old?.created !== created || old.value !== value;
  });
  return counted <= gone.length + changed.length;
}
