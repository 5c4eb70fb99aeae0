import type { Watcher } from "../model/watcher-entry.ts";
import type { FleetWatcher } from "./contract.ts";

/** The watchers of a keyspace, the one of this process first; `own` is its id. */
export function fleetOf(watchers: readonly Watcher[], own?: string): readonly FleetWatcher[] {
  const fleet = watchers.map(({ name, prefixes, files }) => ({
    id: name,
    isSelf: name === own,
    prefixes,
    files: files?.files ?? [],
    ...(files?.more && { more: files.more }),
  }));
  return ownFirst(fleet);
}

/** Watchers in their order, but the one of this process first. */
export function ownFirst<T extends { readonly isSelf: boolean }>(all: readonly T[]): readonly T[] {
  return [...all.filter(({ isSelf }) => isSelf), ...all.filter(({ isSelf }) => !isSelf)];
}
