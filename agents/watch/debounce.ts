import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Settling } from "../../lib/view/settle.ts";
import type { TemplateGroup } from "./groups.ts";

/** How the changes of a group are debounced, once they have settled for all groups. */
export interface Debounce {
  readonly settling: Settling;
  /** Called before a reconciliation for which keys, addresses or retained instances have changed. */
  readonly onChange: () => void;
}

/** How changes settle before it is known which groups they concern. */
export function commonSettling({
  settle,
  promptSettle = settle,
}: Pick<WatchPlan, "settle" | "promptSettle">): Settling {
  return promptSettle;
}

/** Changes are not debounced any further. */
const atOnce: Settling = { quietMs: 0, atMostMs: 0 };

/**
 * Changes of a group that is never reloaded are debounced briefly. So are those of a proxy that takes some of them at run
 * time: only once the files are rendered it is known whether it has to be reloaded, and its limiter debounces reloads.
 */
export function debounceOf(
  { proxy, limiter }: Pick<TemplateGroup, "proxy" | "limiter">,
  { settle, promptSettle }: Pick<WatchPlan, "settle" | "promptSettle">,
): Debounce {
  const isAlwaysReloaded = proxy !== undefined && !proxy.canAdjust;
  if (!promptSettle) return { settling: atOnce, onChange: () => {} };
  if (isAlwaysReloaded) return { settling: settle, onChange: () => {} };
  const settling = { ...atOnce, pauseAtMostMs: promptSettle.pauseAtMostMs ?? 0 };
  return { settling, onChange: proxy ? () => limiter.changed() : () => {} };
}
