import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ifMissing } from "./faults.ts";
import { inodeOf, prune, removeIfSame } from "./remove.ts";

export interface SessionFolder {
  /** The keyspace folder. */
  readonly root: string;
  /** The folder of the session, which lies within `root`. */
  readonly session: string;
}

/**
 * The folder of a session's files: a hard link to the file of each of its keys, at the same relative path. The session
 * holds a key as long as both paths are the same file.
 */
export const entriesOf = (session: string): string => join(session, "entries");

const deadSuffix = ".dead";

export const isDead = (session: string): boolean => session.endsWith(deadSuffix);

/**
 * Ends a session and removes the keys that it still holds. Several processes may reap the same session at once, and the
 * next sweep completes a reap that was interrupted.
 */
export async function reap(root: string, session: string): Promise<void> {
  const dead = isDead(session) ? session : `${session}${deadSuffix}`;
  // The process of the session notices the end by its missing folder.
  if (dead !== session) await rename(session, dead).catch(ifMissing);
  for await (const { path, inode, temporary } of filesOf(root, dead)) {
    if (temporary) await rm(temporary, { force: true });
    await removeIfSame(path, inode, dead);
    await prune(root, path);
  }
  await rm(dead, { recursive: true, force: true });
}

/** A file of a session, and its path in the keyspace. */
interface SessionFile {
  readonly path: string;
  readonly inode: bigint;
  /** If a write was interrupted: the temporary file that was about to be renamed to `path`. */
  readonly temporary: string | undefined;
}

export async function* filesOf(root: string, session: string): AsyncGenerator<SessionFile> {
  const entries = entriesOf(session);
  const names = await readdir(entries, { recursive: true, withFileTypes: true }).catch(ifMissing);
  for (const file of names ?? []) {
    if (file.isDirectory()) continue;
    const link = join(file.parentPath, file.name);
    const inode = await inodeOf(link);
    if (inode === undefined) continue;
    const path = join(root, link.slice(entries.length));
    const name = /^\.(.+)\.[0-9a-f]+\.tmp$/.exec(basename(path))?.[1];
    yield name === undefined
      ? { path, inode, temporary: undefined }
      : { path: join(dirname(path), name), inode, temporary: path };
  }
}
