import { rm } from "node:fs/promises";
import { nameBeside, writeDurably } from "../base/atomic.ts";
import { check } from "./check.ts";
import type { InstallDeps, InstallTarget } from "./contract.ts";
import { orUnwritable } from "./faults.ts";
import { resolveLinks } from "./read-target.ts";

/**
 * Runs the check command of a target on a text as `install` does, on a file beside the target, and leaves the target as it is.
 * Throws INSTALL_CHECK_FAILED or INSTALL_UNWRITABLE.
 */
export async function rehearse(
  target: InstallTarget,
  text: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<void> {
  if (!target.check) return;
  await orUnwritable(target.path, async () => {
    const staged = nameBeside(await resolveLinks(target.path));
    try {
      await using _ = await writeDurably(staged, Buffer.from(text), target.mode ?? 0o644);
      await check(target, staged, deps, signal);
    } finally {
      await rm(staged, { force: true });
    }
  });
}
