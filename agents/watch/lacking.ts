import type { Mount, Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { NamedSources, Source } from "../../lib/view/sources.ts";
import type { Views } from "../../lib/view/views.ts";
import type { TemplateGroup } from "./groups.ts";
import type { FollowedKeyspaces } from "./keyspaces.ts";

/**
 * The keyspaces, of those whose entries are not known, without which the files of a group cannot be rendered: it reads keys of
 * them, or sees a service that has instances there and no others to use meanwhile. Absent entries would look like removed ones.
 */
export function lackedKeyspaces(
  { required, files }: Pick<TemplateGroup, "required" | "files">,
  unread: readonly Mount[],
  mounts: Mounts,
  { sources, byName }: Pools,
): readonly Mount[] {
  if (unread.length === 0) return unread;
  const lacked = new Set(mounts.partsOf(required).keys());
  const hidden = files.map(({ plan }) => sources.hiddenBy(plan.prefixes));
  for (const [name, source] of sources.named) {
    if (hidden.every((names) => names.has(name)) || hasFallBack(source, byName.has(name))) continue;
    for (const { path } of source.folders) lacked.add(mounts.locate(path).mount);
  }
  return unread.filter((mount) => lacked.has(mount));
}

/** Whether all entries are known that the files of a group need, by snapshot. */
export function readiness(
  group: TemplateGroup,
  keyspaces: () => Pick<FollowedKeyspaces, "unread" | "lacks">,
  mounts: () => Mounts,
  views: Pick<Views, "of">,
): (snapshot: Snapshot) => boolean {
  return (snapshot) => {
    const { unread } = keyspaces();
    if (keyspaces().lacks(group.required)) return false;
    if (unread.length === 0) return true;
    return lackedKeyspaces(group, unread, mounts(), views.of(snapshot)).length === 0;
  };
}

function hasFallBack({ mode, instances }: Source, hasInstances: boolean): boolean {
  return instances.length > 0 || (mode === "first" && hasInstances);
}

/** Whether a service has instances although no keyspace was reached. */
export function hasConfiguredInstances(sources: NamedSources = {}): boolean {
  return Object.values(sources).some(({ instances }) => instances.length > 0);
}
