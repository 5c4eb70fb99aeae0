import type { ServingGroup } from "../../../lib/overview/serving.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import type { TemplateGroup } from "../groups.ts";
import { targetsOf } from "../targets.ts";
import { pinnedUse } from "./file-use.ts";
import { readsService } from "./reads.ts";

/** The services that the proxy of a group, or its files without one, were last verified to have; undefined if they never were. */
export function madeOf({ ahead, accepted }: TemplateGroup): Pools | undefined {
  return ahead?.pools ?? accepted;
}

/** How far the files of groups have the latest services. */
export function servingGroups(
  groups: readonly TemplateGroup[],
  now: Pools,
): readonly ServingGroup[] {
  return groups.map((group) => {
    const made = madeOf(group);
    const known = made ? [now, made] : [now];
    return {
      targets: targetsOf(group),
      made: made?.byName,
      weightings: made?.weightings,
      reads: (service) => group.files.some((file) => readsService(file, service, now)),
      ...(group.pin.active && { pinned: (subject) => pinnedUse(subject, group, known) }),
    };
  });
}
