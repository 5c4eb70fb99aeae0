import type { InstallTarget } from "./contract.ts";
import { orUnwritable } from "./faults.ts";
import { type FileState, forgetWritten } from "./read-target.ts";
import { remove, replace } from "./replace.ts";

/**
 * Restores the file that `install` replaced at `path`, or removes the file if there was none. Throws INSTALL_UNWRITABLE.
 */
export async function revert(
  target: InstallTarget,
  path: string,
  before: FileState | undefined,
): Promise<void> {
  forgetWritten(target);
  const restore = async () => {
    if (before) await replace(path, before, before, async () => {});
    else await remove(path);
  };
  await orUnwritable(target.path, restore, "the new file stays");
}
