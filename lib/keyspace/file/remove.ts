import { randomBytes } from "node:crypto";
import { link, lstat, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode } from "../../base/fault.ts";
import { ifMissing, ifSystem } from "./faults.ts";

/** Names the file itself, whatever it is called: all links to it share one. Undefined where there is none. */
export async function inodeOf(path: string): Promise<bigint | undefined> {
  return (await lstat(path, { bigint: true }).catch(ifMissing))?.ino;
}

/**
 * Removes `path` if it still is the file `inode`. No system call does that, so what is there is moved
 * aside (to `folder`), looked at, and put back if somebody replaced it in between.
 */
export async function removeOwn(path: string, inode: bigint, folder: string): Promise<void> {
  if ((await inodeOf(path)) !== inode) return;
  const aside = join(folder, `.${randomBytes(6).toString("hex")}`);
  const moved = await rename(path, aside).then(() => true, ifMissing);
  if (!moved) return;
  if ((await inodeOf(aside)) !== inode) await putBack(aside, path);
  await rm(aside, { force: true });
}

/** Unless there is a newer one by now. */
async function putBack(aside: string, path: string): Promise<void> {
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
      // Mostly ENOTEMPTY; and an empty folder does no harm, so that no other reason matters.
      return ifSystem(error);
    }
  }
}
