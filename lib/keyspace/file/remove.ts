import { randomBytes } from "node:crypto";
import { link, lstat, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ifSystem, systemCode } from "../../base/fault.ts";
import { ifMissing } from "./faults.ts";

/** The inode of a file, which all hard links to it share; undefined if there is no file. */
export async function inodeOf(path: string): Promise<bigint | undefined> {
  return (await lstat(path, { bigint: true }).catch(ifMissing))?.ino;
}

/**
 * Removes `path` if it still is the file `inode`. No system call does that atomically: the file is moved aside (to
 * `folder`), compared, and restored if another process has replaced it in between.
 */
export async function removeIfSame(path: string, inode: bigint, folder: string): Promise<void> {
  if ((await inodeOf(path)) !== inode) return;
  const aside = join(folder, `.${randomBytes(6).toString("hex")}`);
  const moved = await rename(path, aside).then(() => true, ifMissing);
  if (!moved) return;
  if ((await inodeOf(aside)) !== inode) await restore(aside, path);
  await rm(aside, { force: true });
}

/** Leaves `path` alone if a newer file exists there by now. */
async function restore(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}

/** Removes the folders above `path` that have become empty, up to `root`, which stays. */
export async function prune(root: string, path: string): Promise<void> {
  for (let folder = dirname(path); folder !== root; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      // Mostly ENOTEMPTY. Other system errors do not matter: an empty folder does no harm.
      return ifSystem(error);
    }
  }
}
