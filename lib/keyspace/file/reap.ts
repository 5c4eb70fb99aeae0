import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ifMissing } from "./faults.ts";
import { inodeOf, prune, removeOwn } from "./remove.ts";

/** Where a session keeps its entries. */
export interface SessionFolder {
  /** The keyspace folder. */
  readonly root: string;
  /** The session's own. */
  readonly session: string;
}

/**
 * The files that a session keeps below its folder: a second link to the file of each of its keys, at the
 * same place as the key's own. Whose a key is, is thereby a fact of the disk: it is the same file.
 */
export const entriesOf = (session: string): string => join(session, "entries");

const deadSuffix = ".dead";

export const isDead = (session: string): boolean => session.endsWith(deadSuffix);

/**
 * Ends a session and removes the keys that are still its own. Several processes may do so at the same
 * time, and one that is interrupted is taken up by the next sweep.
 */
export async function reap(root: string, session: string): Promise<void> {
  const dead = isDead(session) ? session : `${session}${deadSuffix}`;
  // From here on the session's own process finds nothing where its folder was, and knows.
  if (dead !== session) await rename(session, dead).catch(ifMissing);
  for await (const { path, inode, temporary } of heldBy(root, dead)) {
    if (temporary) await rm(temporary, { force: true });
    await removeOwn(path, inode, dead);
    await prune(root, path);
  }
  await rm(dead, { recursive: true, force: true });
}

/** A file that a session keeps, and where in the keyspace it may be. */
interface Held {
  readonly path: string;
  readonly inode: bigint;
  /** Set where the session was interrupted in writing: the name of the file on its way to `path`. */
  readonly temporary: string | undefined;
}

export async function* heldBy(root: string, session: string): AsyncGenerator<Held> {
  const entries = entriesOf(session);
  const names = await readdir(entries, { recursive: true, withFileTypes: true }).catch(ifMissing);
  for (const file of names ?? []) {
    if (file.isDirectory()) continue;
    const link = join(file.parentPath, file.name);
    const inode = await inodeOf(link);
    if (inode === undefined) continue;
    const place = join(root, link.slice(entries.length));
    const name = /^\.(.+)\.[0-9a-f]+\.tmp$/.exec(basename(place))?.[1];
    yield name === undefined
      ? { path: place, inode, temporary: undefined }
      : { path: join(dirname(place), name), inode, temporary: place };
  }
}
