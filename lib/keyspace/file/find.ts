import type { BigIntStats } from "node:fs";
import { lstat, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../base/fault.ts";
import { isMissing, unreadable } from "./faults.ts";
import { forEachConcurrent } from "./for-each-concurrent.ts";
import { keyOf } from "./path.ts";

/** A file in the place of a key, not yet read. */
export interface FoundFile {
  readonly path: string;
  readonly inode: bigint;
  /** Changes whenever the content does: which file it is, its size, and when it was last written to. */
  readonly stamp: string;
  /** Whether a session keeps it (by a second link), and so had it whole before it got its name. */
  readonly kept: boolean;
}

/** The files at `path` and below it, by key. `wanted` is asked of folders, too. */
export async function findFiles(
  root: string,
  path: string,
  wanted: (key: string) => boolean,
): Promise<Map<string, FoundFile>> {
  const found = new Map<string, FoundFile>();
  let paths: readonly string[] = [path];
  while (paths.length > 0) {
    const below: string[] = [];
    await forEachConcurrent(paths, async (path) => {
      const key = keyOf(root, path);
      if (key === undefined || !wanted(key)) return;
      const stats = await ifThere(path, statOf(path));
      if (stats?.isFile()) found.set(key, foundAt(path, stats));
      else if (stats?.isDirectory()) {
        const names = (await ifThere(path, readdir(path))) ?? [];
        below.push(...names.map((name) => join(path, name)));
      }
    });
    paths = below;
  }
  return found;
}

/** The content of a file as it was found; undefined where it has changed since, or changes meanwhile. */
export async function readFile({ path, stamp }: FoundFile): Promise<string | undefined> {
  const file = await ifThere(path, open(path));
  if (!file) return undefined;
  try {
    const text = await file.readFile("utf8");
    return stampOf(await file.stat({ bigint: true })) === stamp ? text : undefined;
  } catch (error) {
    throw unreadable(error, path);
  } finally {
    await file.close();
  }
}

/** A link to a file counts as that file. A link to a folder is not followed: it may lead in a circle. */
async function statOf(path: string): Promise<BigIntStats | undefined> {
  const stats = await lstat(path, { bigint: true });
  if (!stats.isSymbolicLink()) return stats;
  const target = await stat(path, { bigint: true });
  return target.isFile() ? target : undefined;
}

/** Undefined where there is nothing, or a link to itself; that it cannot be known is a fault. */
async function ifThere<T>(path: string, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isMissing(error) || systemCode(error) === "ELOOP") return undefined;
    throw unreadable(error, path);
  }
}

function foundAt(path: string, stats: BigIntStats): FoundFile {
  return { path, inode: stats.ino, stamp: stampOf(stats), kept: stats.nlink > 1n };
}

/** Without the time of the last change to the inode itself: links come and go, and the content stays. */
function stampOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino}-${mtimeNs}-${size}`;
}
