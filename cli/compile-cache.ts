import { lstatSync, mkdirSync, realpathSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import { markUsed, removeFormerCaches } from "./former-caches.ts";

/** What the cache depends on. */
export interface CompileCacheEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user id; undefined where the system has none. */
  readonly uid: number | undefined;
  readonly home: string;
  /** The folder that an image may have been built with. */
  readonly shipped: string;
  /** The version of this program, which has a folder of its own. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/**
 * The folder in which Node.js keeps what it compiles of this program for the next start: that of an image, or the user's,
 * which is created. Undefined if neither can be trusted: compiled code is not checked, and runs with the rights of the user.
 * A trusted folder is of use even if it cannot be written. Where it is created, after an upgrade, those of versions that are gone are
 * removed.
 */
export function compileCacheFolder({
  env,
  uid,
  home,
  shipped,
  version,
  nowMs,
}: CompileCacheEnvironment): string | undefined {
  if (uid === undefined) return undefined;
  try {
    if (isTrusted(shipped, uid)) return shipped;
    const { XDG_CACHE_HOME: given } = env;
    const caches = given?.startsWith("/") ? given : join(home, ".cache");
    const all = join(caches, "sidekick");
    const folder = join(all, version);
    let modifiedMs: number | undefined;
    for (const path of [caches, all, folder]) {
      modifiedMs = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (modifiedMs !== undefined) continue;
      // As root in the home of a user, for instance: the user would not expect a folder of root there.
      if (!isTrusted(dirname(path), uid)) return undefined;
      mkdirSync(path, { mode: 0o700 });
    }
    if (!isTrusted(folder, uid)) return undefined;
    if (modifiedMs === undefined) removeFormerCaches(all, version, nowMs);
    else markUsed(folder, modifiedMs, nowMs);
    return folder;
  } catch {
    return undefined;
  }
}

/** Whether only root and the user can change what is in a folder, or replace it or a folder that it lies in. */
function isTrusted(folder: string, uid: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory() || !isPrivate(found, uid)) return false;
  for (let path = realpathSync(folder); path !== dirname(path); path = dirname(path)) {
    const parent = lstatSync(dirname(path));
    const isSticky = (parent.mode & 0o1000) !== 0;
    if (!isPrivate(parent, uid) && !(isSticky && isOwned(parent, uid))) return false;
  }
  return true;
}

function isPrivate(stats: Stats, uid: number): boolean {
  return isOwned(stats, uid) && (stats.mode & 0o022) === 0;
}

function isOwned({ uid: owner }: Stats, uid: number): boolean {
  return owner === 0 || owner === uid;
}
