import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { nameBeside } from "../../base/atomic.ts";
import { Fault, ifSystem, systemCode } from "../../base/fault.ts";
import type { PutRules } from "../contract.ts";
import { replacement } from "../replaceable.ts";
import { faults, ifMissing, isMissing, unwritable } from "./faults.ts";
import { heldEntry } from "./held-entry.ts";
import { type LockDeps, withKeyLock } from "./lock.ts";
import { pathOf } from "./path.ts";
import { entriesOf, type SessionFolder } from "./reap.ts";
import { inodeOf, prune, removeIfSame } from "./remove.ts";

/**
 * Writes an entry of the session; false if the session has been reaped. The lock makes one process at a time the writer
 * of a key, so that of two sessions only one gets it. Throws the faults of `replacement`, and those of this folder for a
 * key or a disk that does not allow the write.
 */
export async function writeEntry(
  folder: SessionFolder,
  entry: { readonly key: string; readonly value: string; readonly rules?: PutRules },
  deps: LockDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const { key, value, rules = {} } = entry;
  const work = async () => {
    const held = rules.overwrites ? undefined : await heldEntry(folder, key, deps.uptime);
    return await write(folder, key, held ? replacement(key, value, held, rules) : value);
  };
  try {
    return await withKeyLock(folder, key, deps, work, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Fault) throw error;
    if (isMissing(error) && (await inodeOf(folder.session)) === undefined) return false;
    throw asFault(error, key, folder.root);
  }
}

/** Removes a key if the session still holds it. */
export async function removeEntry({ root, session }: SessionFolder, key: string): Promise<void> {
  const path = pathOf(root, key);
  const own = pathOf(entriesOf(session), key);
  try {
    const inode = await inodeOf(own);
    if (inode === undefined) return;
    await removeIfSame(path, inode, session);
    await rm(own, { force: true });
    await prune(root, path);
    await prune(entriesOf(session), own);
  } catch (error) {
    throw asFault(error, key, root);
  }
}

/**
 * A crash after any step does no harm: each file has a link in the session's folder, where `reap` finds it. Nothing is
 * synced to the disk, since no entry outlives the boot in which it was written.
 */
async function write(folder: SessionFolder, key: string, value: string): Promise<boolean> {
  const path = pathOf(folder.root, key);
  const own = pathOf(entriesOf(folder.session), key);
  const staged = nameBeside(own);
  const inode = await inParentFolder(own, folder, async () => await writeNew(staged, value));
  await moveInPlace(staged, path, folder);
  const kept = await rename(staged, own).then(() => true, ifMissing);
  if (!kept) await removeIfSame(path, inode, dirname(path));
  return kept === true;
}

/** Writes a new file and returns its inode. */
async function writeNew(path: string, text: string): Promise<bigint> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
    // The kernel's file times advance in steps of milliseconds, and the inode of a removed file is reused: two successive
    // files differ only in a time with microseconds.
    const now = (performance.timeOrigin + performance.now()) / 1000;
    await file.utimes(now, now);
    return (await file.stat({ bigint: true })).ino;
  } finally {
    await file.close();
  }
}

/** Replaces `path` with a link to the staged file, atomically for readers. */
async function moveInPlace(staged: string, path: string, folder: SessionFolder): Promise<void> {
  const temporary = join(dirname(path), basename(staged));
  try {
    await inParentFolder(path, folder, async () => await link(staged, temporary));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(ifSystem);
    await rm(staged, { force: true }).catch(ifSystem);
    throw error;
  }
}

/** Runs `step`, and creates the folder of `path` if it is missing: other processes remove empty folders at any time. */
async function inParentFolder<T>(
  path: string,
  { session }: SessionFolder,
  step: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || attempt === 10) throw error;
      // The folder of a reaped session is not created again.
      if ((await inodeOf(session)) === undefined) throw error;
      await mkdir(dirname(path), { recursive: true });
    }
  }
}

/** The system's errors where a key would have to be both a file and a folder. */
const conflictCodes = new Set(["EISDIR", "ENOTDIR", "EEXIST", "ENOTEMPTY"]);

/** The errors of a file system without hard links. */
const noHardLinkCodes = new Set(["EPERM", "EXDEV", "ENOTSUP", "EOPNOTSUPP"]);

function asFault(error: unknown, key: string, root: string): Fault {
  const code = systemCode(error) ?? "";
  if (conflictCodes.has(code)) return faults.KEYSPACE_FILE_CONFLICT({ key }, error);
  if (noHardLinkCodes.has(code)) {
    return faults.KEYSPACE_FILE_LINKS_UNSUPPORTED({ path: root }, error);
  }
  return unwritable(error, root);
}
