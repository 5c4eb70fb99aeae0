import { chmod, rm, stat, writeFile } from "node:fs/promises";
import { nameBeside } from "../base/atomic.ts";
import { configuredAttributes, setOwner } from "./attributes.ts";
import { check } from "./check.ts";
import type { InstallDeps, InstallTarget } from "./contract.ts";
import { orUnwritable } from "./faults.ts";
import { resolveLinks, undefinedIf } from "./read-target.ts";
import { installSlots } from "./slots.ts";

/**
 * Runs the check command of a target on a text as `install` does, on a file beside the target, and leaves the target unchanged.
 * Without a check command every text is valid. Throws as `install` does.
 */
export async function validate(
  target: InstallTarget,
  text: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<void> {
  if (!target.check) return;
  await installSlots.run(() => validateNow(target, text, deps, signal), signal);
}

async function validateNow(
  target: InstallTarget,
  text: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<void> {
  await orUnwritable(target.path, async () => {
    const path = await resolveLinks(target.path);
    const existing = await stat(path).catch(undefinedIf("ENOENT"));
    const configured = await configuredAttributes(target, deps, signal);
    const mode = configured.mode ?? (existing ? existing.mode & 0o7777 : 0o644);
    const staged = nameBeside(path);
    try {
      await writeFile(staged, text, { flag: "wx", mode });
      await chmod(staged, mode);
      await setOwner(target.path, staged, await stat(staged), { ...configured, configured });
      await check(target, staged, deps, signal);
    } finally {
      await rm(staged, { force: true });
    }
  });
}
