import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { nameBeside } from "../../base/atomic.ts";
import { Fault, systemCode } from "../../base/fault.ts";
import { faults as stageFaults } from "../faults.ts";
import { faults, ifMissing, ifSystem, isMissing, unwritable } from "./faults.ts";
import { type Waiting, withKeyLock } from "./lock.ts";
import { pathOf } from "./path.ts";
import { entriesOf, type SessionFolder } from "./reap.ts";
import { inodeOf, prune, removeOwn } from "./remove.ts";
import { takenBy } from "./taken.ts";

/**
 * Writes a key as the session's own; false where the session has been ended. Throws KEYSPACE_KEY_CONFLICT where another
 * session has another value there. Of all processes one at a time writes a key, so that of two only one has it.
 */
export async function writeOwn(
  place: SessionFolder,
  entry: { readonly key: string; readonly value: string },
  waiting: Waiting,
  signal: AbortSignal,
): Promise<boolean> {
  const { key, value } = entry;
  const work = async () => {
    const theirs = await takenBy(place, key, value, waiting.uptime);
    if (theirs !== undefined) throw stageFaults.KEYSPACE_KEY_CONFLICT({ key, value: theirs });
    return await write(place, key, value);
  };
  try {
    return await withKeyLock(place, key, waiting, work, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Fault) throw error;
    if (isMissing(error) && (await inodeOf(place.session)) === undefined) return false;
    throw explain(error, key, place.root);
  }
}

/** Removes a key if it is still the session's own. */
export async function eraseOwn({ root, session }: SessionFolder, key: string): Promise<void> {
  const path = pathOf(root, key);
  const own = pathOf(entriesOf(session), key);
  try {
    const inode = await inodeOf(own);
    if (inode === undefined) return;
    await removeOwn(path, inode, session);
    await rm(own, { force: true });
    await prune(root, path);
    await prune(entriesOf(session), own);
  } catch (error) {
    throw explain(error, key, root);
  }
}

/**
 * Every step leaves the disk so that a crash after it does no harm: what there is has a link in the session's
 * folder, and `retire` finds it. Nothing is synced to the disk, since no entry outlives the boot that it was
 * written in.
 */
async function write(place: SessionFolder, key: string, value: string): Promise<boolean> {
  const path = pathOf(place.root, key);
  const own = pathOf(entriesOf(place.session), key);
  const staged = nameBeside(own);
  const inode = await inFolderOf(own, place, async () => await writeNew(staged, value));
  await publish(staged, path, place);
  const kept = await rename(staged, own).then(() => true, ifMissing);
  if (!kept) await removeOwn(path, inode, dirname(path));
  return kept === true;
}

/** Writes a file and returns what names it. */
async function writeNew(path: string, text: string): Promise<bigint> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
    // The system's own time stands still for milliseconds, and the number of a removed file is used again:
    // without a time to the microsecond, two files in a row could look like one that never changed.
    const now = (performance.timeOrigin + performance.now()) / 1000;
    await file.utimes(now, now);
    return (await file.stat({ bigint: true })).ino;
  } finally {
    await file.close();
  }
}

/** Has `path` name the file that is staged: in one step, for whoever reads it. */
async function publish(staged: string, path: string, place: SessionFolder): Promise<void> {
  const temporary = join(dirname(path), basename(staged));
  try {
    await inFolderOf(path, place, async () => await link(staged, temporary));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(ifSystem);
    await rm(staged, { force: true }).catch(ifSystem);
    throw error;
  }
}

/** Makes the folder of `path` where there is none: others remove the empty ones at any time. */
async function inFolderOf<T>(
  path: string,
  { session }: SessionFolder,
  step: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await step();
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || tries === 10) throw error;
      // A session's folder that somebody has retired is not made again.
      if ((await inodeOf(session)) === undefined) throw error;
      await mkdir(dirname(path), { recursive: true });
    }
  }
}

/** What the system says where a key would have to be a file and a folder. */
const conflicts = new Set(["EISDIR", "ENOTDIR", "EEXIST", "ENOTEMPTY"]);

/** What it says where there are no hard links. */
const unlinkable = new Set(["EPERM", "EXDEV", "ENOTSUP", "EOPNOTSUPP"]);

function explain(error: unknown, key: string, root: string): Fault {
  const code = systemCode(error) ?? "";
  if (conflicts.has(code)) return faults.KEYSPACE_FILE_CONFLICT({ key }, error);
  if (unlinkable.has(code)) return faults.KEYSPACE_FILE_LINKS_UNSUPPORTED({ path: root }, error);
  return unwritable(error, root);
}
