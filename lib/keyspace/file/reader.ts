import type { Clock } from "../../base/clock.ts";
import { type Entry, isWithin } from "../../model/entry.ts";
import { type FoundFile, findFiles, readFile } from "./find.ts";
import { forEachConcurrent } from "./for-each-concurrent.ts";
import { keyOf } from "./path.ts";

/** How long a file that is written in place must have been left alone before it is read. */
const restMs = 50;

/** What differs from what was there when it was last looked at. */
export interface Changes {
  readonly put: ReadonlyMap<string, Entry>;
  readonly gone: ReadonlySet<string>;
}

interface Shown {
  readonly entry: Entry;
  readonly inode: bigint;
}

/** A file that may be half written: where it is, how it was, and when to look at it again. */
interface Resting {
  readonly path: string;
  readonly stamp: string;
  readonly untilMs: number;
}

/** Knows the entries at or below some keys of a keyspace folder, as they were when last looked at. */
export class Reader {
  readonly #root: string;
  readonly #folders: readonly string[];
  readonly #clock: Clock;
  readonly #shown = new Map<string, Shown>();
  readonly #resting = new Map<string, Resting>();

  constructor(root: string, folders: readonly string[], clock: Clock) {
    this.#root = root;
    this.#folders = folders;
    this.#clock = clock;
  }

  get entries(): ReadonlyMap<string, Entry> {
    return new Map([...this.#shown].map(([key, { entry }]) => [key, entry]));
  }

  /** When to look at files again that may be half written; Infinity where there is none. */
  get restedAtMs(): number {
    return Math.min(...[...this.#resting.values()].map(({ untilMs }) => untilMs));
  }

  /** The paths of the files that may have come to rest. */
  rested(): readonly string[] {
    const now = this.#clock.now();
    const due = [...this.#resting.values()].filter(({ untilMs }) => untilMs <= now);
    return due.map(({ path }) => path);
  }

  /** Whether this is a key to show, or a folder that such a key may lie in. */
  wants(key: string): boolean {
    return this.#shows(key) || this.#folders.some((folder) => isWithin(folder, key));
  }

  #shows(key: string): boolean {
    return this.#folders.some((folder) => isWithin(key, folder));
  }

  /**
   * Looks at these paths and at all that lies below them. The files named by `ghosts` are no entries,
   * whatever the disk says. Throws a retryable fault where it cannot know.
   */
  async look(paths: ReadonlySet<string>, ghosts: ReadonlySet<bigint>): Promise<Changes> {
    const found = await this.#find(paths, ghosts);
    for (const [key, { path }] of this.#resting) {
      if (paths.has(path) && !found.has(key)) this.#resting.delete(key);
    }
    const put = new Map<string, Entry>();
    await forEachConcurrent(found, async ([key, file]) => {
      const entry = await this.#read(key, file);
      if (entry) put.set(key, entry);
    });
    const gone = new Set(this.#missing(paths, found));
    for (const key of gone) this.#shown.delete(key);
    return { put, gone };
  }

  async #find(
    paths: ReadonlySet<string>,
    ghosts: ReadonlySet<bigint>,
  ): Promise<ReadonlyMap<string, FoundFile>> {
    const found = new Map<string, FoundFile>();
    const outermost = [...paths].filter((path) => !liesBelow(path, paths));
    await forEachConcurrent(outermost, async (path) => {
      for (const [key, file] of await findFiles(this.#root, path, (key) => this.wants(key))) {
        if (this.#shows(key) && !ghosts.has(file.inode)) found.set(key, file);
      }
    });
    return found;
  }

  /** The entry, if it differs from the one that is shown and is whole. */
  async #read(key: string, file: FoundFile): Promise<Entry | undefined> {
    const shown = this.#shown.get(key);
    if (shown?.entry.revision === file.stamp) {
      this.#resting.delete(key);
      return undefined;
    }
    // What a session keeps was whole before it had its name, unless somebody writes to it there.
    const whole = file.kept && shown?.inode !== file.inode;
    if (!whole && !this.#hasRested(key, file)) return undefined;
    const text = await readFile(file);
    if (text === undefined) {
      this.#rest(key, file);
      return undefined;
    }
    this.#resting.delete(key);
    // The end of line is of the editor's or of echo's making.
    const value = file.kept ? text : text.replace(/\r?\n$/, "");
    const entry: Entry = { key, value, revision: file.stamp };
    this.#shown.set(key, { entry, inode: file.inode });
    return entry;
  }

  #hasRested(key: string, file: FoundFile): boolean {
    const resting = this.#resting.get(key);
    if (resting?.stamp !== file.stamp) {
      this.#rest(key, file);
      return false;
    }
    return resting.untilMs <= this.#clock.now();
  }

  #rest(key: string, { path, stamp }: FoundFile): void {
    this.#resting.set(key, { path, stamp, untilMs: this.#clock.now() + restMs });
  }

  /** The keys shown that should have been found at these paths or below them, and were not. */
  *#missing(paths: ReadonlySet<string>, found: ReadonlyMap<string, FoundFile>): Generator<string> {
    const folders = new Set<string>();
    for (const path of paths) {
      const key = keyOf(this.#root, path);
      if (key === undefined || found.has(key)) continue;
      if (this.#shown.has(key)) yield key;
      else folders.add(key);
    }
    if (folders.size === 0) return;
    for (const key of this.#shown.keys()) {
      if (!found.has(key) && liesBelow(key, folders)) yield key;
    }
  }
}

/** Whether one of the folders above `path` is among these. */
function liesBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path.lastIndexOf("/"); at >= 0; at = path.lastIndexOf("/", at - 1)) {
    if (folders.has(path.slice(0, at))) return true;
    if (at === 0) break;
  }
  return false;
}
