import type { TemplatePlan } from "../../lib/config/plan.ts";
import type { Quarantined } from "../../lib/model/pool.ts";
import type { Applied } from "../../lib/proxy/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { visibleServices } from "../../lib/view/visible.ts";
import { followInMs, isSame, type Texts } from "./ahead.ts";
import { goAhead } from "./go-ahead.ts";
import type { TemplateGroup } from "./groups.ts";
import { logMissingKeys } from "./missing-keys-log.ts";
import { pinnedTexts } from "./pin/pinned-texts.ts";
import { logQuarantine } from "./quarantine-log.ts";
import { mustWait, needsTurn } from "./turns/gate.ts";
import { waitForTurn } from "./turns/wait.ts";
import { changeOf, follow, followBefore, type WriteDeps, type Written, write } from "./write.ts";

/** The result of a reconciliation. */
export type Outcome =
  /** The proxy serves these texts already. */
  | { readonly kind: "same" }
  /**
   * It is too soon for another reload: nothing was written. Or the reload waits for its turn (`isTurn`), for an unknown time: what
   * can be changed at run time is served.
   */
  | { readonly kind: "deferred"; readonly waitMs: number; readonly isTurn?: true }
  /** The proxy serves them, as it has verified itself; the files follow. */
  | { readonly kind: "ahead"; readonly applied: Applied }
  | Written;

export interface ApplyDeps extends WriteDeps {
  /** The files have to be written at once, for something waits for that. */
  readonly isUrgent?: boolean;
  /** Only the shares of new instances have changed: the proxy is not reloaded for these. */
  readonly isStep?: boolean;
}

/**
 * Renders, checks, installs and applies. Either all of it succeeds, or files and proxy are as they were before and the fault
 * has the reason. If the proxy is not running yet, the files are kept: it reads them when it starts.
 *
 * A proxy that judges a change at run time gets it at once; the check command and the files follow, once for several changes. Until
 * then the files have the texts that were accepted last, so that a restart of the proxy never meets one that is not validated.
 */
export async function apply(
  group: TemplateGroup,
  pools: Pools,
  deps: ApplyDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const texts = await pinnedOrRendered(group, pools, deps, signal);
  deps.trace?.rendered(texts, pools);
  try {
    return await applyTexts(group, texts, pools, deps, signal);
  } catch (error) {
    if (!needsTurn(group, error)) throw error;
    return await waitForTurn(group, texts, pools, deps, signal);
  }
}

async function applyTexts(
  group: TemplateGroup,
  texts: Texts,
  pools: Pools,
  deps: ApplyDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { proxy, limiter } = group;
  const { clock, isUrgent, isStep } = deps;
  const { verified } = group;
  const isDue = () => isUrgent === true || followInMs(group, clock) === 0;
  if (verified && isSame(verified, texts)) {
    return group.ahead && isDue() ? await follow(group, deps, signal) : { kind: "same" };
  }
  const change = changeOf(verified, texts);
  const takesReload = () => proxy?.canAdjust?.(change) !== true;
  if (isStep && verified && takesReload()) return { kind: "same" };
  if (limiter.waitMs > 0 && takesReload()) return await defer(group, texts, pools, deps, signal);
  if (await mustWait(group, change, isUrgent === true, signal)) {
    return await waitForTurn(group, texts, pools, deps, signal);
  }
  const applied = await goAhead(group, change, texts, pools, deps, signal);
  if (applied === undefined) return await write(group, texts, pools, deps, signal);
  if (!isDue()) return { kind: "ahead", applied };
  const followed = await follow(group, deps, signal);
  return followed.applied === undefined ? { ...followed, kind: "applied", applied } : followed;
}

/** It is too soon for another reload: files that have to follow do so, and these texts wait. */
async function defer(
  group: TemplateGroup,
  texts: Texts,
  pools: Pools,
  deps: ApplyDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const { waitMs } = group.limiter;
  if (group.verified && group.ahead) await followBefore(group, texts, pools, deps, signal);
  return { kind: "deferred", waitMs };
}

/** The text that each file should have. Logs what a rendered one lacks. */
async function pinnedOrRendered(
  group: TemplateGroup,
  pools: Pools,
  deps: ApplyDeps,
  signal: AbortSignal,
): Promise<Texts> {
  const { log } = deps;
  const pinned = pinnedTexts(group);
  if (pinned && group.ahead) await follow(group, deps, signal);
  if (pinned) return pinned;
  const { texts, quarantined, lackingKeys } = await renderAll(group, pools, signal);
  for (const plan of lackingKeys) logMissingKeys(plan, log);
  logQuarantine(group.unrenderable.update(quarantined), log);
  return texts;
}

/** The files of a group. */
export interface RenderedGroup {
  readonly texts: Texts;
  /** The entries that cannot stand in a file. */
  readonly quarantined: readonly Quarantined[];
  /** The templates that were rendered for the first time, and from no key. */
  readonly lackingKeys: readonly TemplatePlan[];
}

/** The text that each file should have at a time, now unless set. */
export async function renderAll(
  { files }: TemplateGroup,
  pools: Pools,
  signal: AbortSignal,
  now?: Date,
): Promise<RenderedGroup> {
  const texts = new Map<string, string>();
  const quarantined: Quarantined[] = [];
  const lackingKeys: TemplatePlan[] = [];
  for (const { plan, source } of files) {
    const services = visibleServices(pools, plan.prefixes);
    const view = { snapshot: pools.snapshot, services };
    const rendered = await source.render(view, signal, now);
    texts.set(plan.target.path, rendered.text);
    quarantined.push(...rendered.quarantined);
    if (rendered.lacksKeys) lackingKeys.push(plan);
  }
  return { texts, quarantined, lackingKeys };
}
