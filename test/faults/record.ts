import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { atEnd } from "../support/process.ts";
import type { Held, Reading, Store } from "./store.ts";

/** What the registry held at one moment, which lies between when it was asked and when it had answered. */
export interface HeldAt {
  readonly fromMs: number;
  readonly atMs: number;
  /** Nothing came and went since the reading before without being in either. */
  readonly isNext: boolean;
  /** Undefined where no member answered. */
  readonly held: ReadonlyMap<string, Held> | undefined;
}

/** What the watcher showed from one moment on. */
export interface ShownAt {
  readonly atMs: number;
  readonly lines: ReadonlySet<string>;
}

const everyMs = 50;

/** Writes down what a registry holds and what a file shows, each with its time, for as long as a test runs. */
export class Recording {
  readonly held: HeldAt[] = [];
  readonly shown: ShownAt[] = [];
  #text = "";
  #reading: Reading | undefined;
  #looking = Promise.resolve();

  /** Begins at once. */
  static start(
    t: Pick<TestContext, "after">,
    store: Store,
    folder: string,
    file: string,
  ): Recording {
    const record = new Recording();
    const watching = watch(dirname(file), (_, name) => {
      if (name === basename(file)) void record.#look(file);
    });
    const stop = new AbortController();
    const polling = record.#poll(store, folder, file, stop.signal);
    atEnd(t, async () => {
      stop.abort();
      watching.close();
      await polling;
    });
    return record;
  }

  /** Forgets all but the last of each. */
  forget(): void {
    this.held.splice(0, this.held.length - 1);
    this.shown.splice(0, this.shown.length - 1);
  }

  async #poll(store: Store, folder: string, file: string, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const fromMs = performance.now();
      const reading = await store.read(folder).catch(() => undefined);
      const isNext = isNextTo(reading, this.#reading);
      this.#reading = reading;
      this.held.push({ fromMs, atMs: performance.now(), isNext, held: reading?.entries });
      await this.#look(file);
      await delay(everyMs);
    }
  }

  /** One look after the other: of two at a time, the one that began first could end last, with what was before. */
  async #look(file: string): Promise<void> {
    this.#looking = this.#looking.then(() => this.#read(file));
    await this.#looking;
  }

  async #read(file: string): Promise<void> {
    const text = await readFile(file, "utf8").catch(() => "");
    const atMs = performance.now();
    if (text === this.#text) return;
    this.#text = text;
    this.shown.push({ atMs, lines: new Set(text.split("\n").filter(Boolean)) });
  }
}

/** Whether all that a store counts between two readings can be seen in them. */
function isNextTo(reading: Reading | undefined, before: Reading | undefined): boolean {
  if (!reading || !before) return false;
  let counted = 0;
  for (const [folder, changes] of reading.changes) {
    const since = changes - (before.changes.get(folder) ?? changes);
    if (since < 0) return false;
    counted += since;
  }
  const gone = [...before.entries.keys()].filter((key) => !reading.entries.has(key));
  const come = [...reading.entries].filter(([key, { made, value }]) => {
    const old = before.entries.get(key);
    return old?.made !== made || old.value !== value;
  });
  return counted <= gone.length + come.length;
}
