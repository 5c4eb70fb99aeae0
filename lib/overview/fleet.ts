import { describeSuspect, type WatcherSuspects } from "../model/suspects-entry.ts";
import type { Watcher } from "../model/watcher-entry.ts";
import type { FileState, WatcherFile } from "../model/watcher-file.ts";
import type { FleetWatcher } from "./contract.ts";

/** The watchers of one keyspace, and the folder below which its keys are visible: the empty string for the one at the root. */
export interface KeyspaceWatchers {
  readonly folder: string;
  readonly watchers: readonly Watcher[];
  /** What they report of instances. */
  readonly suspects?: readonly WatcherSuspects[];
}

/**
 * The watchers of some keyspaces, the one of this process first; `own` is its id. A watcher has an entry in each keyspace that it reads,
 * with the files that depend on it: together they are one watcher.
 */
export function fleetOf(
  keyspaces: readonly KeyspaceWatchers[],
  own?: string,
): readonly FleetWatcher[] {
  const entries = keyspaces.flatMap(({ folder, watchers, suspects = [] }) => {
    const of = new Map(suspects.map((one) => [one.watcher, wordsOf(one, folder)] as const));
    return watchers.map((one) => ({ ...entryOf(one, folder, own), ...of.get(one.name) }));
  });
  const byId = Map.groupBy(entries, ({ id }) => id);
  return ownFirst([...byId.values()].map((same) => same.reduce(joined)));
}

function entryOf({ name, prefixes, files }: Watcher, folder: string, own?: string): FleetWatcher {
  return {
    id: name,
    isSelf: name === own,
    prefixes: prefixes.map((prefix) => `${folder}${prefix}`),
    files: files?.files ?? [],
    ...(files?.more && { more: files.more }),
  };
}

function wordsOf({ suspects }: WatcherSuspects, folder: string): Pick<FleetWatcher, "suspects"> {
  const words = Array.from(suspects, ([key, one]) => [`${folder}${key}`, describeSuspect(one)]);
  return words.length > 0 ? { suspects: Object.fromEntries(words) } : {};
}

/** Of a file that both have, the later state counts. */
function joined(one: FleetWatcher, other: FleetWatcher): FleetWatcher {
  const files = new Map<string, WatcherFile>();
  for (const file of [...one.files, ...other.files]) {
    const known = files.get(file.target);
    if (!known || known.generation < file.generation) files.set(file.target, file);
  }
  const counts = [...Object.entries(one.more ?? {}), ...Object.entries(other.more ?? {})];
  const more: Partial<Record<FileState, number>> = {};
  for (const [state, count] of counts as readonly (readonly [FileState, number])[]) {
    more[state] = Math.max(more[state] ?? 0, count);
  }
  return {
    ...one,
    prefixes: [...one.prefixes, ...other.prefixes],
    files: [...files.values()],
    ...(counts.length > 0 && { more }),
    ...((one.suspects ?? other.suspects) && { suspects: { ...one.suspects, ...other.suspects } }),
  };
}

/** Watchers in their order, but the one of this process first. */
export function ownFirst<T extends { readonly isSelf: boolean }>(all: readonly T[]): readonly T[] {
  return [...all.filter(({ isSelf }) => isSelf), ...all.filter(({ isSelf }) => !isSelf)];
}
