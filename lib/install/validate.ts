import { chmod, rm, writeFile } from "node:fs/promises";
import { nameBeside } from "../base/atomic.ts";
import { check } from "./check.ts";
import type { InstallDeps, InstallTarget } from "./contract.ts";
import { orUnwritable } from "./faults.ts";
import { readTarget } from "./read-target.ts";

/**
 * Runs the check command of a target on a text, and leaves the target unchanged. Without a check command every text is
 * valid. Throws INSTALL_CHECK_FAILED or INSTALL_UNWRITABLE.
 */
export async function validate(
  target: InstallTarget,
  text: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<void> {
  if (!target.check) return;
  await orUnwritable(target.path, async () => {
    const { path, state } = await readTarget(target);
    const staged = nameBeside(path);
    const mode = state?.mode ?? target.mode ?? 0o644;
    try {
      await writeFile(staged, text, { flag: "wx", mode });
      await chmod(staged, mode);
      await check(target, staged, deps, signal);
    } finally {
      await rm(staged, { force: true });
    }
  });
}
