import { type FSWatcher, realpathSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Cell } from "./cell.ts";
import type { Clock } from "./clock.ts";

/** How often folders are looked for that could not be watched, or that are other ones now, in milliseconds. */
const renewMs = 10_000;

/** A folder that is watched; another one at the same path has another inode. */
interface Watched {
  readonly inode: string;
  readonly watcher: FSWatcher;
}

/**
 * Sets cells when files may have changed, with one watch for each folder: thousands of files may be in one, and a change of
 * one of them costs the others nothing. Reports may be missing, such as of a folder that cannot be watched: look from time
 * to time, too. For what may not be missed, and for folders, there is `watchFiles`.
 */
export class NameWatch {
  /** By folder and name. */
  readonly #cells = new Map<string, Map<string, Set<Cell<unknown>>>>();
  readonly #watched = new Map<string, Watched>();

  /** Files by the cell to set. Links are followed as they are now. */
  constructor(files: ReadonlyMap<Cell<unknown>, readonly string[]>) {
    for (const [cell, paths] of files) {
      for (const path of paths)
        for (const one of new Set([path, endOf(path)])) this.#add(one, cell);
    }
  }

  /** Watches until the signal aborts. */
  async run(clock: Clock, signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        for (const folder of this.#cells.keys()) this.#renew(folder);
        await clock.sleep(renewMs, signal);
      }
    } finally {
      for (const { watcher } of this.#watched.values()) watcher.close();
    }
  }

  #add(path: string, cell: Cell<unknown>): void {
    const names = this.#cells.get(dirname(path)) ?? new Map<string, Set<Cell<unknown>>>();
    const cells = names.get(basename(path)) ?? new Set();
    this.#cells.set(dirname(path), names.set(basename(path), cells.add(cell)));
  }

  #renew(folder: string): void {
    const inode = inodeOf(folder);
    const known = this.#watched.get(folder);
    if (known?.inode === inode) return;
    known?.watcher.close();
    this.#watched.delete(folder);
    if (inode === undefined) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) =>
        this.#changed(folder, name),
      );
      // It is watched again later, if it can be.
      watcher.on("error", () => this.#watched.delete(folder));
      this.#watched.set(folder, { inode, watcher });
      this.#changed(folder, null);
    } catch {}
  }

  /** Without a name, any file of the folder may have changed. */
  #changed(folder: string, name: string | null): void {
    const names = this.#cells.get(folder);
    const cells = name === null ? names?.values() : [names?.get(name) ?? []];
    for (const cell of new Set([...(cells ?? [])].flatMap((some) => [...some])))
      cell.set(undefined);
  }
}

/** The file that a link leads to, or the path itself. */
function endOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Undefined if there is no such folder, or none that may be looked at. */
function inodeOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(folder);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
