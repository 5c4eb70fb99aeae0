import type { Clock } from "../../base/clock.ts";
import { never } from "../../base/signal.ts";
import { type Entry, isWithin } from "../../model/entry.ts";
import type { Quarantined } from "../../model/pool.ts";
import { forEachConcurrent } from "../for-each-concurrent.ts";
import { type FoundFile, findFiles, maxConcurrentFiles, readFile } from "./find.ts";
import { Owners } from "./owners.ts";
import { keyOf } from "./path.ts";

/** A file that is written in place is read once it has not changed for so long, in milliseconds. */
const settleMs = 50;

/** The differences from the previous scan. A key whose file became unreadable is gone. */
export interface Changes {
  readonly put: ReadonlyMap<string, Entry>;
  readonly gone: ReadonlySet<string>;
}

/** A file as of the last scan: the entry that it is, or the reason why it is none. */
interface KnownFile {
  readonly inode: bigint;
  readonly stamp: string;
  readonly content: { readonly entry: Entry } | { readonly why: string };
}

/** A file that may be only partly written. */
interface UnsettledFile {
  readonly path: string;
  readonly stamp: string;
  /** When to look at it again, in milliseconds of the clock. */
  readonly untilMs: number;
}

/** Keeps the entries at or below some folders of a keyspace folder, as of the last scan. */
export class Reader {
  readonly #root: string;
  readonly #folders: readonly string[];
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownFile>();
  readonly #unsettled = new Map<string, UnsettledFile>();
  #unreadable: readonly Quarantined[] = [];

  constructor(root: string, folders: readonly string[], clock: Clock) {
    this.#root = root;
    this.#folders = folders;
    this.#clock = clock;
  }

  get entries(): ReadonlyMap<string, Entry> {
    const files = [...this.#known];
    return new Map(
      files.flatMap(([key, { content }]) => ("entry" in content ? [[key, content.entry]] : [])),
    );
  }

  /** The files that are not read, in order of key; the same object as long as nothing has changed. */
  get unreadable(): readonly Quarantined[] {
    return this.#unreadable;
  }

  /** When to scan `settledPaths` next, in milliseconds of the clock; Infinity without an unsettled file. */
  get settledAtMs(): number {
    return Math.min(...[...this.#unsettled.values()].map(({ untilMs }) => untilMs));
  }

  /** The paths of unsettled files that may be complete now. */
  settledPaths(): readonly string[] {
    const now = this.#clock.now();
    const due = [...this.#unsettled.values()].filter(({ untilMs }) => untilMs <= now);
    return due.map(({ path }) => path);
  }

  /** Whether the key is at or below one of the folders, or is a folder above one of them. */
  covers(key: string): boolean {
    return this.#contains(key) || this.#folders.some((folder) => isWithin(folder, key));
  }

  #contains(key: string): boolean {
    return this.#folders.some((folder) => isWithin(key, folder));
  }

  /**
   * Scans these paths and everything below them. The files in `orphans` (inodes) do not count as entries.
   * Throws KEYSPACE_FILE_UNREADABLE.
   */
  async scan(paths: ReadonlySet<string>, orphans: ReadonlySet<bigint>): Promise<Changes> {
    const found = await this.#find(paths, orphans);
    for (const [key, { path }] of this.#unsettled) {
      if (paths.has(path) && !found.has(key)) this.#unsettled.delete(key);
    }
    const owners = new Owners(this.#root);
    const put = new Map<string, Entry>();
    const gone = new Set<string>();
    let unreadableChanged = false;
    const setKnown = (key: string, file: KnownFile | undefined) => {
      const before = this.#known.get(key)?.content;
      if (file) this.#known.set(key, file);
      else this.#known.delete(key);
      if (file && "entry" in file.content) put.set(key, file.content.entry);
      else if (before && "entry" in before) gone.add(key);
      unreadableChanged ||= (before && "why" in before) || (file && "why" in file.content) || false;
    };
    const read = async ([key, file]: [string, FoundFile]) => {
      const known = await this.#read(key, file, owners);
      if (known) setKnown(key, known);
    };
    await forEachConcurrent(found, maxConcurrentFiles, read, never);
    for (const key of [...this.#missing(paths, found)]) setKnown(key, undefined);
    if (unreadableChanged) this.#unreadable = this.#listUnreadable();
    return { put, gone };
  }

  #listUnreadable(): readonly Quarantined[] {
    const files = [...this.#known].sort(([a], [b]) => (a < b ? -1 : 1));
    return files.flatMap(([key, { stamp, content }]) =>
      "why" in content ? [{ key, revision: stamp, why: content.why }] : [],
    );
  }

  async #find(
    paths: ReadonlySet<string>,
    orphans: ReadonlySet<bigint>,
  ): Promise<ReadonlyMap<string, FoundFile>> {
    const found = new Map<string, FoundFile>();
    const find = async (path: string) => {
      for (const [key, file] of await findFiles(this.#root, path, (key) => this.covers(key))) {
        if (this.#contains(key) && !orphans.has(file.inode)) found.set(key, file);
      }
    };
    const highest = [...paths].filter((path) => !isBelowAny(path, paths));
    await forEachConcurrent(highest, maxConcurrentFiles, find, never);
    return found;
  }

  /** The content of a file, if it differs from the known one and the file is complete. */
  async #read(key: string, file: FoundFile, owners: Owners): Promise<KnownFile | undefined> {
    const { inode, stamp } = file;
    const known = this.#known.get(key);
    if (known?.stamp === stamp) {
      this.#unsettled.delete(key);
      return undefined;
    }
    // A session's file was complete before it got its name. If the inode is known, it was rewritten in place since. A file
    // with a link of another kind may be one that a session is about to hold.
    const owner = file.isSessionFile ? await owners.find(file.path, inode) : undefined;
    const isComplete = owner !== undefined && known?.inode !== inode;
    if (file.why === undefined && !isComplete && !this.#hasSettled(key, file)) return undefined;
    const read = file.why === undefined ? await readFile(file) : { why: file.why };
    if (read === undefined) {
      this.#setUnsettled(key, file);
      return undefined;
    }
    this.#unsettled.delete(key);
    if ("why" in read) return { inode, stamp, content: { why: read.why } };
    // An editor or `echo` adds a line break at the end.
    const value = file.isSessionFile ? read.text : read.text.replace(/\r?\n$/, "");
    const entry = { key, value, revision: stamp, ...(owner !== undefined && { owner }) };
    return { inode, stamp, content: { entry } };
  }

  #hasSettled(key: string, file: FoundFile): boolean {
    const unsettled = this.#unsettled.get(key);
    if (unsettled?.stamp !== file.stamp) {
      this.#setUnsettled(key, file);
      return false;
    }
    return unsettled.untilMs <= this.#clock.now();
  }

  #setUnsettled(key: string, { path, stamp }: FoundFile): void {
    this.#unsettled.set(key, { path, stamp, untilMs: this.#clock.now() + settleMs });
  }

  /** The known keys at or below the scanned paths that were not found. */
  *#missing(paths: ReadonlySet<string>, found: ReadonlyMap<string, FoundFile>): Generator<string> {
    const folders = new Set<string>();
    for (const path of paths) {
      const key = keyOf(this.#root, path);
      if (key === undefined || found.has(key)) continue;
      if (this.#known.has(key)) yield key;
      else folders.add(key);
    }
    if (folders.size === 0) return;
    for (const key of this.#known.keys()) {
      if (!found.has(key) && isBelowAny(key, folders)) yield key;
    }
  }
}

/** Whether a folder above `path` is in the set. Costs the depth of the path, however many folders there are. */
function isBelowAny(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path.lastIndexOf("/"); at >= 0; at = path.lastIndexOf("/", at - 1)) {
    if (folders.has(path.slice(0, at))) return true;
    if (at === 0) break;
  }
  return false;
}
