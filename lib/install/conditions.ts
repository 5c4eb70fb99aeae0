import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../base/fault.ts";
import type { InstallTarget } from "./contract.ts";
import { isReplaced, resolveLinks } from "./read-target.ts";
import { stampAt } from "./stamp.ts";

/** A target, and what writing it depends on. */
export interface Conditions {
  /** The same as long as nothing has changed; after a failure, another one may mean that the next attempt succeeds. */
  readonly description: string;
  /** Its folder exists, has space, and may be written to. */
  readonly isWritable: boolean;
  /** Another program has changed the target since this process wrote it, or found it to be as it should be. */
  readonly isReplaced: boolean;
}

/** Looks at a target and at its folder, and changes nothing. Uses no file descriptor. */
export async function conditionsOf(target: InstallTarget): Promise<Conditions> {
  const stamp = await stampAt(target.path);
  const folder = await folderOf(target.path);
  return {
    description: `${stamp}\n${folder.description}`,
    isWritable: folder.isWritable,
    isReplaced: isReplaced(target, stamp),
  };
}

/** More free blocks than so many are as good as any number of them. */
const mostBlocks = 256;

async function folderOf(path: string): Promise<Omit<Conditions, "isReplaced">> {
  try {
    const folder = dirname(await resolveLinks(path));
    const [{ mode, uid, gid }, { bavail }] = [await stat(folder), await statfs(folder)];
    const isPermitted = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
    const blocks = Math.min(bavail, mostBlocks);
    const description = [folder, mode, uid, gid, isPermitted, blocks].join(" ");
    return { description, isWritable: isPermitted && bavail > 0 };
  } catch (error) {
    return { description: systemCode(error) ?? "", isWritable: false };
  }
}
