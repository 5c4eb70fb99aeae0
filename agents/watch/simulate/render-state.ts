import { Fault } from "../../../lib/base/fault.ts";
import type { Quarantined } from "../../../lib/model/pool.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { type RenderedGroup, renderAll } from "../apply.ts";
import type { TemplateGroup } from "../groups.ts";
import { firstWaitMs } from "../resolve-names.ts";
import type { WatchState } from "../state.ts";
import { confirmInstalled } from "../write.ts";

/** What all groups come to for one snapshot. */
export interface RenderedState {
  /** The texts, or the fault of a template. */
  readonly groups: ReadonlyMap<TemplateGroup, RenderedGroup | Fault>;
  readonly quarantined: readonly Quarantined[];
  /** The services as a group sees them. */
  readonly poolsOf: (group: TemplateGroup) => Pools;
}

/** Renders the next snapshot of a watcher at a time, after the guard and with the addresses of host names, as if it were applied. */
export async function renderState(
  { views, nameView, policies }: WatchState,
  groups: readonly TemplateGroup[],
  snapshot: Snapshot,
  now: Date,
  signal: AbortSignal,
): Promise<RenderedState> {
  const pools = views.of(snapshot);
  const resolves = groups.some(({ resolvesNames }) => resolvesNames);
  const resolved = resolves ? await nameView.resolve(pools, firstWaitMs, signal) : { pools };
  const shaped = new Map(
    groups.map((group) => {
      const own = group.resolvesNames ? resolved.pools : pools;
      return [group, policies.of(group).apply(own).pools];
    }),
  );
  const poolsOf = (group: TemplateGroup) => shaped.get(group) ?? pools;
  const rendered = new Map<TemplateGroup, RenderedGroup | Fault>();
  const quarantined: Quarantined[] = [...views.quarantined, ...nameView.quarantined];
  for (const group of groups) {
    try {
      const one = await renderAll(group, poolsOf(group), signal, now);
      rendered.set(group, one);
      quarantined.push(...one.quarantined);
      // What no file had is not lost with the next snapshot.
      group.unrenderable.update(one.quarantined);
      confirmInstalled(group, one.texts);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      rendered.set(group, error);
    }
  }
  return { groups: rendered, quarantined, poolsOf };
}
