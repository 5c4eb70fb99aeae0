import type { BigIntStats } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../base/fault.ts";
import { never } from "../../base/signal.ts";
import { forEachConcurrent } from "../for-each-concurrent.ts";
import { isMissing, unreadable } from "./faults.ts";
import { keyOf } from "./path.ts";
import { type PathProperties, propertiesOf, readRegularFile } from "./regular-file.ts";

/** Files read at once: enough to keep a disk busy without running out of file descriptors. */
export const maxConcurrentFiles = 16;

/** A file at the path of a key, not yet read. */
export interface FoundFile {
  readonly path: string;
  /** The path to open: that of the target of a link. */
  readonly target: string;
  readonly inode: bigint;
  /** Changes with the content: made of the inode, the size and the time of the last write. */
  readonly stamp: string;
  /** A session holds the file (by a second link), so it was complete before it got its name. */
  readonly isSessionFile: boolean;
  /** Why it cannot be the value of a key; undefined if it can. */
  readonly why: string | undefined;
}

/** The files at `path` and below it, by key. `isWanted` filters folders as well. Throws KEYSPACE_FILE_UNREADABLE. */
export async function findFiles(
  root: string,
  path: string,
  isWanted: (key: string) => boolean,
): Promise<Map<string, FoundFile>> {
  const found = new Map<string, FoundFile>();
  let paths: readonly string[] = [path];
  while (paths.length > 0) {
    const below: string[] = [];
    const visit = async (path: string) => {
      const key = keyOf(root, path);
      if (key === undefined || !isWanted(key)) return;
      const properties = await unlessMissing(path, propertiesOf(root, path));
      if (!properties) return;
      if (!properties.stats.isDirectory()) found.set(key, foundFileOf(path, properties));
      else {
        const names = (await unlessMissing(path, readdir(path))) ?? [];
        below.push(...names.map((name) => join(path, name)));
      }
    };
    await forEachConcurrent(paths, maxConcurrentFiles, visit, never);
    paths = below;
  }
  return found;
}

/** The content of a found file; undefined if it has changed since, or changes while it is read. */
export async function readFile({
  path,
  target,
  stamp,
}: FoundFile): Promise<{ readonly text: string } | { readonly why: string } | undefined> {
  const content = await unlessMissing(path, readRegularFile(target));
  if (!content || "why" in content) return content;
  return stampOf(content.stats) === stamp ? content : undefined;
}

/** Undefined if the file does not exist or is a link to itself. Throws KEYSPACE_FILE_UNREADABLE for other errors. */
async function unlessMissing<T>(path: string, result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (isMissing(error) || systemCode(error) === "ELOOP") return undefined;
    throw unreadable(error, path);
  }
}

function foundFileOf(path: string, { target, stats, why }: PathProperties): FoundFile {
  const isSessionFile = stats.nlink > 1n;
  return { path, target, inode: stats.ino, stamp: stampOf(stats), isSessionFile, why };
}

/** Without the change time of the inode, which changes with each link although the content does not. */
function stampOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino}-${mtimeNs}-${size}`;
}
