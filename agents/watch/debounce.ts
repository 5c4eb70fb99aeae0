import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Settling } from "../../lib/view/settle.ts";
import type { TemplateGroup } from "./groups.ts";

/** How the changes of a group are debounced. */
export interface Debounce {
  readonly settling: Settling;
  /** Called before a reconciliation for which keys, or the addresses of host names, have changed. */
  readonly onChange: () => void;
}

/**
 * Changes of a group that is never reloaded are debounced briefly. So are those of a proxy that takes some of them at run
 * time: only once the files are rendered it is known whether it has to be reloaded, and its limiter debounces reloads.
 */
export function debounceOf(
  { proxy, limiter }: Pick<TemplateGroup, "proxy" | "limiter">,
  { settle, promptSettle }: Pick<WatchPlan, "settle" | "promptSettle">,
): Debounce {
  const isAlwaysReloaded = proxy !== undefined && !proxy.canAdjust;
  if (!promptSettle || isAlwaysReloaded) return { settling: settle, onChange: () => {} };
  return { settling: promptSettle, onChange: proxy ? () => limiter.changed() : () => {} };
}
