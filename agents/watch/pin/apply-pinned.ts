import type { Pools } from "../../../lib/view/contract.ts";
import { apply } from "../apply.ts";
import type { TemplateGroup } from "../groups.ts";
import type { Isolated } from "../isolate.ts";
import type { AttemptDeps } from "../judge.ts";

/**
 * Applies the pinned texts of a group. No entry is the cause of a rejection, so none is searched for, and the services that were
 * accepted last stay. Throws like `apply`.
 */
export async function applyPinned(
  group: TemplateGroup,
  pools: Pools,
  deps: AttemptDeps,
  signal: AbortSignal,
): Promise<Isolated> {
  group.search = undefined;
  deps.onAttempt?.();
  const outcome = await apply(group, pools, deps, signal);
  return { outcome, served: pools, isComplete: true };
}
