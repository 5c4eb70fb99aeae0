import { sweepBeside } from "../base/atomic.ts";
import type { InstallTarget } from "./contract.ts";
import { isSystemError } from "./faults.ts";
import { resolveLinks } from "./read-target.ts";

/**
 * Removes the staged files that a crash has left beside a target, as far as permitted. To be called at the start, before
 * any `install`.
 */
export async function sweep(target: InstallTarget): Promise<void> {
  try {
    await sweepBeside(await resolveLinks(target.path));
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
