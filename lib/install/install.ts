import { attributeDifferences, configuredAttributes } from "./attributes.ts";
import { check } from "./check.ts";
import type { InstallDeps, Installed, InstallTarget } from "./contract.ts";
import { orUnwritable } from "./faults.ts";
import { isForeign, isText, readTarget, rememberWritten } from "./read-target.ts";
import { replace } from "./replace.ts";
import { revert } from "./revert.ts";
import { installSlots } from "./slots.ts";

/**
 * Makes the target hold `text`, if it does not already. A link is followed and kept; a file that was changed by another
 * program is noticed. Throws INSTALL_CHECK_FAILED, INSTALL_UNWRITABLE, INSTALL_ACCOUNT_UNKNOWN or INSTALL_OWNER_DENIED.
 */
export async function install(
  target: InstallTarget,
  text: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<Installed> {
  return await installSlots.run(() => installNow(target, text, deps, signal), signal);
}

async function installNow(
  target: InstallTarget,
  text: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<Installed> {
  return await orUnwritable(target.path, async () => {
    const { path, state: before, stamp: found } = await readTarget(target);
    const configured = await configuredAttributes(target, deps, signal);
    const hasAttributes = before && attributeDifferences(before, configured).length === 0;
    if (hasAttributes && isText(before.content, text)) {
      rememberWritten(target, { stamp: found, text, configured });
      return { changed: false };
    }
    const wasForeign = isForeign(target, before?.content);
    const next = { mode: 0o644, ...before, ...configured, configured, content: text };
    const stamp = await replace(path, next, before, async (staged) => {
      await check(target, staged, deps, signal);
      deps.onChecked?.();
      signal.throwIfAborted();
    });
    rememberWritten(target, { stamp, text, configured });
    return { changed: true, wasForeign, revert: () => revert(target, path, before) };
  });
}
