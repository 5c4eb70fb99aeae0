import { lstatSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";

const dayMs = 86_400_000;

/** A cache that no start has used for so long is of a version that is gone, in milliseconds. */
const unusedMs = 30 * dayMs;

/** The folders of versions, and those of Node.js itself that versions up to 0.2 have made beside them. */
const ofVersion = /^v?\d+\.\d+\./;

/**
 * Marks the cache of this version as used, by the time of its folder, at most once a day: `modifiedMs` is when that was last.
 */
export function markUsed(folder: string, modifiedMs: number, nowMs: number): void {
  if (nowMs - modifiedMs < dayMs) return;
  utimesSync(folder, nowMs / 1000, nowMs / 1000);
}

/**
 * Removes the caches of versions other than `own` that no start has used for 30 days. A process of such a version that still runs compiles its code
 * again at the next start.
 */
export function removeFormerCaches(caches: string, own: string, nowMs: number): void {
  for (const name of readdirSync(caches)) {
    if (name === own || !ofVersion.test(name)) continue;
    const path = join(caches, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found?.isDirectory() || nowMs - found.mtimeMs < unusedMs) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process removes it, or writes to it: there will be a next time.
    }
  }
}
