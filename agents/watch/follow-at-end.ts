import { Fault } from "../../lib/base/fault.ts";
import { never } from "../../lib/base/signal.ts";
import type { TemplateGroup } from "./groups.ts";
import { targetsOf } from "./targets.ts";
import { follow, type WriteDeps } from "./write.ts";

/**
 * Runs `work`, which changes a group, to its end. Has the files follow a proxy that is ahead of them then; if they are refused, it
 * goes back to what they have, which is logged.
 */
export async function followingAtEnd(
  group: TemplateGroup,
  deps: WriteDeps,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } finally {
    if (group.ahead && group.verified) await followOrGoBack(group, deps);
  }
}

async function followOrGoBack(group: TemplateGroup, deps: WriteDeps): Promise<void> {
  try {
    await follow(group, deps, never);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, message } = error;
    const targets = targetsOf(group);
    deps.log.warn("not_followed", `${message}; its proxy goes back to it`, { code, targets });
  }
}
