import type { Applied, Change } from "../../lib/proxy/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { aheadWith, type Texts } from "./ahead.ts";
import type { TemplateGroup } from "./groups.ts";
import { confirmInstalled, followBefore, type WriteDeps } from "./write.ts";

/**
 * Changes the proxy before its files, if it judges changes itself and a check command would have to be waited for. Undefined if it
 * has to be done in another way.
 */
export async function goAhead(
  group: TemplateGroup,
  change: Change,
  texts: Texts,
  pools: Pools,
  deps: WriteDeps,
  signal: AbortSignal,
): Promise<Applied | undefined> {
  const { proxy, verified } = group;
  const hasCheck = group.files.some(({ plan }) => plan.target.check !== undefined);
  const isCheckedFirst = group.isCheckedFirst || group.pin.active !== undefined;
  if (!proxy?.adjust || !verified || !hasCheck || isCheckedFirst) return undefined;
  const before = group.ahead;
  // From the first command on, whatever ends it: it may have a part of the change.
  group.ahead ??= aheadWith(undefined, verified, pools, deps.clock);
  const applied = await proxy.adjust(change, signal);
  if (applied === "not possible") group.ahead = before;
  if (applied === "not possible" || applied === "failed") {
    // What it serves already is judged by itself, and not together with what it does not.
    if (before) await followBefore(group, texts, pools, deps, signal);
    return undefined;
  }
  deps.trace?.reached("verified");
  group.ahead = aheadWith(before, verified, pools, deps.clock);
  group.verified = texts;
  confirmInstalled(group, texts);
  return applied;
}
