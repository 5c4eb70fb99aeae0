import { dirname, join, resolve } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import { Cell } from "./cell.ts";
import { systemCode } from "./fault.ts";

/** Reports which files may have changed, but not how: the caller inspects their current state. */
export interface FileWatch extends AsyncDisposable {
  /** Resolves once there are changes to take; rejects when `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
  /**
   * The absolute paths that may have changed since the last call: all watched paths at first. A folder
   * stands for everything below it.
   */
  take(): ReadonlySet<string>;
}

export interface FileWatchOptions {
  /** Absolute paths to skip, with everything below them. Temporary names belong here. */
  readonly ignored: (path: string) => boolean;
  /** Whether changes of what a symbolic link names are reported as well; by default they are. */
  readonly followLinks?: boolean;
}

/** Milliseconds between two polls after the system has run out of watches. */
const pollingMs = 1000;

/**
 * Watches files, and folders with everything below them, until it is disposed of. A path may be created
 * later, be replaced, or be a symbolic link with a changing target.
 */
export function watchFiles(
  paths: readonly string[],
  { ignored, followLinks = true }: FileWatchOptions,
): FileWatch {
  const roots = paths.map((path) => resolve(path));
  const concerns = concernedBy(roots, ignored);
  const changes = new Cell(undefined);
  const pending = new Set<string>();
  let takenVersion = 0;
  const notify = (changed: readonly string[]) => {
    for (const path of changed) pending.add(path);
    changes.set(undefined);
  };
  const start = (polling: boolean) =>
    startWatcher(roots, concerns, { polling, followLinks }, { notify, exhausted });
  const closed: Promise<void>[] = [];
  const exhausted = () => {
    closed.push(watcher.close());
    watcher = start(true);
  };
  let watcher = start(false);
  return {
    changed: async (signal) => await changes.newer(takenVersion, signal),
    take: () => {
      takenVersion = changes.version;
      const taken = new Set(pending);
      pending.clear();
      return taken;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...closed, watcher.close()]);
    },
  };
}

type Concerns = (path: string) => boolean;

/** Whether a path is one of `roots` or lies below one of them, without an ignored folder in between. */
function concernedBy(roots: readonly string[], ignored: (path: string) => boolean): Concerns {
  const all = new Set(roots);
  const concerns = (path: string): boolean => {
    if (all.has(path)) return true;
    return !ignored(path) && path !== dirname(path) && concerns(dirname(path));
  };
  return concerns;
}

interface WatcherCallbacks {
  readonly notify: (changed: readonly string[]) => void;
  /** The system has no watch or file descriptor left. */
  readonly exhausted: () => void;
}

function startWatcher(
  roots: readonly string[],
  concerns: Concerns,
  { polling, followLinks }: { readonly polling: boolean; readonly followLinks: boolean },
  { notify, exhausted }: WatcherCallbacks,
): FSWatcher {
  // A replaced file is a new file to the system: only its folder reports every change of the name.
  const folders = new Set(roots.map((root) => dirname(root)));
  const watcher = watch([...new Set([...roots, ...folders])], {
    ignored: (path) => !folders.has(path) && !concerns(path),
    ignoreInitial: true,
    followSymlinks: followLinks,
    ignorePermissionErrors: true,
    // A removal is reported at once: the caller inspects the current state anyway.
    atomic: false,
    ...(polling && { backend: "polling", pollingInterval: pollingMs }),
  });
  let ready = false;
  const changed = (...paths: readonly string[]) => {
    if (ready) notify(paths);
  };
  watcher.on("all", (_event, path) => concerns(path) && changed(path));
  const onRaw = (name: string, { watchedPath }: { readonly watchedPath: string }) => {
    const path = join(watchedPath, name);
    if (concerns(path)) changed(path);
    else if (concerns(watchedPath)) changed(watchedPath);
  };
  // The events above miss a file that is created and removed before chokidar has inspected it. The system's
  // own events include it, but nothing that happened before its folder was watched.
  if (!polling) watcher.on("raw", (_event, name, origin) => onRaw(name ?? "", origin as never));
  watcher.on("ready", () => {
    ready = true;
    changed(...roots);
  });
  watcher.on("error", (error) => {
    if (!polling && exhaustionCodes.has(systemCode(error) ?? "")) exhausted();
    else changed(...roots);
  });
  return watcher;
}

/** The error codes for no watch, or no file descriptor, left. */
const exhaustionCodes = new Set(["ENOSPC", "EMFILE", "ENFILE"]);
