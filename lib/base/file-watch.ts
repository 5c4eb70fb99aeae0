import { dirname, join, resolve } from "node:path";
import { watch } from "chokidar";
import { Cell } from "./cell.ts";
import { systemCode } from "./fault.ts";

/** Tells that files may have changed, never how: whoever is woken looks at what is there now. */
export interface FileWatch extends AsyncDisposable {
  /** Resolves once there is something to take; rejects when `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
  /**
   * The absolute paths that may have changed since the last time, all of those watched being the first;
   * a folder stands for whatever lies below it.
   */
  take(): ReadonlySet<string>;
}

export interface FileWatchOptions {
  /** Absolute paths to leave alone, with all that lies below them. Temporary names belong here. */
  readonly ignored: (path: string) => boolean;
}

/** How often files are looked at where the system has no more watches to give. */
const pollingMs = 1000;

/**
 * Watches files, and folders with all that lies below them, until it is disposed of. A path may come into
 * being later, be replaced, or be a link whose target changes.
 */
export function watchFiles(paths: readonly string[], { ignored }: FileWatchOptions): FileWatch {
  const roots = paths.map((path) => resolve(path));
  // A file that is replaced is another file to the system: only its folder tells all that becomes of its name.
  const folders = new Set(roots.map((root) => dirname(root)));
  const named = new Set<string>();
  const wakeUps = new Cell(undefined);
  let taken = 0;
  let inPlace = false;

  const wake = (...changed: readonly string[]) => {
    if (!inPlace) return;
    for (const path of changed) named.add(path);
    wakeUps.set(undefined);
  };
  /** Whether a path is, or lies below, one that was asked for, and nothing on the way there is ignored. */
  const concerns = (path: string): boolean => {
    if (roots.includes(path)) return true;
    return !ignored(path) && path !== dirname(path) && concerns(dirname(path));
  };
  const notice = (name: string, origin: unknown) => {
    const { watchedPath } = origin as { readonly watchedPath: string };
    const path = join(watchedPath, name);
    if (concerns(path)) wake(path);
    else if (concerns(watchedPath)) wake(watchedPath);
  };
  const start = (polling: boolean) => {
    // A removal is told at once (not atomic): whoever is woken looks for himself what became of it.
    const watcher = watch([...new Set([...roots, ...folders])], {
      ignored: (path) => !folders.has(path) && !concerns(path),
      ignoreInitial: true,
      ignorePermissionErrors: true,
      atomic: false,
      ...(polling && { backend: "polling", pollingInterval: pollingMs }),
    });
    watcher.on("all", (_event, path) => concerns(path) && wake(path));
    // These tell of what it knows: a file that came and went before it looked is not told at all. The
    // system's own notices tell all, but for what is older than the watch on its folder.
    if (!polling) watcher.on("raw", (_event, name, origin) => notice(name ?? "", origin));
    watcher.on("ready", () => {
      inPlace = true;
      wake(...roots);
    });
    watcher.on("error", (error) => {
      if (!polling && exhausted.has(systemCode(error) ?? "")) replace();
      else wake(...roots);
    });
    return watcher;
  };
  let watcher = start(false);
  const closed: Promise<void>[] = [];
  const replace = () => {
    closed.push(watcher.close());
    watcher = start(true);
  };

  return {
    changed: async (signal) => await wakeUps.newer(taken, signal),
    take: () => {
      taken = wakeUps.version;
      const paths = new Set(named);
      named.clear();
      return paths;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...closed, watcher.close()]);
    },
  };
}

/** What the system says when it has no watch, or no file descriptor, left to give. */
const exhausted = new Set(["ENOSPC", "EMFILE", "ENFILE"]);
