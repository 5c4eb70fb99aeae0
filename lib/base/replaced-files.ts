import { type FSWatcher, lstatSync, realpathSync, watch } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Cell } from "./cell.ts";
import { systemCode } from "./fault.ts";
import type { FileWatch } from "./file-watch.ts";

/**
 * Watches files that are replaced often, until it is disposed of. Unlike `watchFiles`, it reads neither files nor folders: a
 * replacement costs the system's own events and nothing else. Links are followed. Files in a folder that cannot be watched,
 * or does not exist, are reported with each `take`. A change of a folder above that of a file is not reported.
 */
export function watchReplacedFiles(paths: readonly string[]): FileWatch {
  return new ReplacedFiles(paths.map((path) => resolve(path)));
}

class ReplacedFiles implements FileWatch {
  readonly #paths: readonly string[];
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changes = new Cell(undefined);
  readonly #pending = new Set<string>();
  #takenVersion = 0;
  /** By folder and by name, the paths that stand for a file there: its own, and those of links to it. */
  #folders: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> = new Map();
  #links: ReadonlySet<string> = new Set();

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.#locate();
    this.#notify(paths);
  }

  async changed(signal: AbortSignal): Promise<void> {
    await this.#changes.newer(this.#takenVersion, signal);
  }

  take(): ReadonlySet<string> {
    this.#watchFolders();
    for (const [folder, names] of this.#folders) {
      if (this.#watchers.has(folder)) continue;
      for (const path of [...names.values()].flat()) this.#pending.add(path);
    }
    this.#takenVersion = this.#changes.version;
    const taken = new Set(this.#pending);
    this.#pending.clear();
    return taken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #notify(paths: readonly string[]): void {
    for (const path of paths) this.#pending.add(path);
    this.#changes.set(undefined);
  }

  /** Finds the folders of the files, and watches these alone. */
  #locate(): void {
    const folders = new Map<string, Map<string, string[]>>();
    this.#links = new Set(this.#paths.filter(isLink));
    for (const path of this.#paths) {
      const places = this.#links.has(path) ? [path, realPathOf(path)] : [path];
      for (const place of new Set(places)) {
        const names = folders.get(dirname(place)) ?? new Map<string, string[]>();
        folders.set(dirname(place), names);
        names.set(basename(place), [...(names.get(basename(place)) ?? []), path]);
      }
    }
    this.#folders = folders;
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#unwatch(folder);
    this.#watchFolders();
  }

  #watchFolders(): void {
    for (const [folder, names] of this.#folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, (_, name) => this.#onEvent(folder, name));
        watcher.on("error", () => this.#lose(folder));
        this.#watchers.set(folder, watcher);
        for (const path of [...names.values()].flat()) this.#pending.add(path);
      } catch (error) {
        if (systemCode(error) === undefined) throw error;
      }
    }
  }

  #onEvent(folder: string, name: string | null): void {
    // The system names the folder itself if it is removed or moved away.
    if (name === null || name === basename(folder)) {
      this.#lose(folder);
      return;
    }
    const changed = this.#folders.get(folder)?.get(name);
    if (!changed) return;
    const place = join(folder, name);
    if (this.#links.has(place) || isLink(place)) this.#locate();
    this.#notify(changed);
  }

  /** Watches what is at the path of a folder now. */
  #lose(folder: string): void {
    this.#unwatch(folder);
    this.#locate();
    this.#notify([...(this.#folders.get(folder)?.values() ?? [])].flat());
  }

  #unwatch(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

/** The path without links; the path itself if nothing exists there. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return path;
  }
}
