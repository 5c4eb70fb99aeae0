import type { Snapshot } from "../../lib/model/snapshot.ts";
import { without } from "../../lib/view/without.ts";
import type { TemplateGroup } from "./groups.ts";
import type { WatchState } from "./state.ts";

/**
 * An earlier process has served this snapshot: instances that disappeared while no watcher ran are lost instances, and
 * entries that appeared are the first ones to suspect.
 */
export function startFrom(
  snapshot: Snapshot,
  groups: readonly TemplateGroup[],
  { views, nameView, policies }: Pick<WatchState, "views" | "nameView" | "policies">,
): void {
  const all = views.of(snapshot);
  for (const group of groups) {
    const pools = group.resolvesNames ? nameView.known(all) : all;
    // The snapshot may be older than the quarantine, of which nothing is forgotten here.
    const held = group.quarantine.quarantined.map(({ key }) => key);
    group.accepted = without(policies.of(group).shape(pools), new Set(held));
  }
}
