import type { Batch, Entry } from "../../model/entry.ts";
import type { Quarantined } from "../../model/pool.ts";
import type { KeySource } from "../contract.ts";
import { covered } from "../covered.ts";
import type { Mount, Mounts } from "./mounts.ts";

/** A mounted keyspace as a source of its entries at their paths. Its prefixes are paths, too; hidden keys are left out. */
export function visibleSource(mount: Mount, mounts: Mounts): KeySource {
  return atPathsOf(mount, mounts, mount.keyspace);
}

/** As `visibleSource`, for files: a prefix above the program's own entries does not have them. */
export function coveredSource(mount: Mount, mounts: Mounts): KeySource {
  return atPathsOf(mount, mounts, covered(mount.keyspace));
}

function atPathsOf(mount: Mount, mounts: Mounts, source: KeySource): KeySource {
  const { folder } = mount;
  const mayHide = mounts.hidesKeysOf(mount);
  if (folder === "" && !mayHide) return source;
  const pathOf = (key: string) => (mayHide ? mounts.pathOf(mount, key) : `${folder}${key}`);
  return {
    async *watch(prefixes, signal, again) {
      const own = prefixes.map((prefix) => prefix.slice(folder.length));
      for await (const batch of source.watch(own, signal, again)) yield atPaths(batch, pathOf);
    },
  };
}

/** The path of a key; undefined if it is hidden. */
type PathOf = (key: string) => string | undefined;

function atPaths(batch: Batch, pathOf: PathOf): Batch {
  const unreadable = batch.unreadable && { unreadable: batch.unreadable.flatMap(moved) };
  function moved(one: Quarantined): readonly Quarantined[] {
    const key = pathOf(one.key);
    return key === undefined ? [] : [{ ...one, key }];
  }
  if (batch.kind === "reset") {
    return { ...batch, entries: entriesAt(batch.entries, pathOf), ...unreadable };
  }
  const gone = batch.gone.flatMap((key) => pathOf(key) ?? []);
  return { ...batch, put: entriesAt(batch.put, pathOf), gone, ...unreadable };
}

function entriesAt(entries: ReadonlyMap<string, Entry>, pathOf: PathOf): Map<string, Entry> {
  const moved = new Map<string, Entry>();
  for (const [key, entry] of entries) {
    const path = pathOf(key);
    if (path !== undefined) moved.set(path, { ...entry, key: path });
  }
  return moved;
}
