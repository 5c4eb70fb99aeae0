import type { Entry } from "../../model/entry.ts";
import { Snapshot } from "../../model/snapshot.ts";
import type { Mount } from "./mounts.ts";

/**
 * The snapshots of several keyspaces, whose entries are at their paths, as one. The work is proportional to the changes: unchanged
 * entries keep their identity. A reset of one keyspace changes no entry of another.
 */
export class MergedSnapshot {
  readonly #parts = new Map<Mount, Snapshot>();
  // Another object than `Snapshot.empty`: it stands for keyspaces that were not read.
  #merged = Snapshot.empty.after({ kind: "reset", revision: "0", entries: new Map() });

  get snapshot(): Snapshot {
    return this.#merged;
  }

  /** The snapshot with the entries of one keyspace as they are now. */
  with(mount: Mount, now: Snapshot): Snapshot {
    const before = this.#parts.get(mount) ?? Snapshot.empty;
    if (now === before) return this.#merged;
    const put = new Map<string, Entry>();
    const gone: string[] = [];
    for (const key of now.changedSince(before)) {
      const entry = now.get(key);
      if (entry) put.set(key, entry);
      else gone.push(key);
    }
    this.#parts.set(mount, now);
    const parts = [...this.#parts.values()];
    const isSame = now.unreadable === before.unreadable;
    this.#merged = this.#merged.after({
      ...{ kind: "delta", revision: this.#revision, put, gone },
      ...(!isSame && { unreadable: parts.flatMap(({ unreadable }) => unreadable) }),
    });
    return this.#merged;
  }

  /** `17 /legacy:4`: the revision of each keyspace. */
  get #revision(): string {
    const parts = [...this.#parts].sort(([a], [b]) => (a.folder < b.folder ? -1 : 1));
    const revisions = parts.map(([{ folder }, { revision }]) =>
      folder === "" ? revision : `${folder}:${revision}`,
    );
    return revisions.join(" ");
  }
}

/** The entries of all of these keyspaces at their paths; that of the only one itself. */
export function mergedSnapshot(snapshots: ReadonlyMap<Mount, Snapshot>): Snapshot {
  const [only, ...others] = snapshots.values();
  if (only && others.length === 0) return only;
  const merged = new MergedSnapshot();
  for (const [mount, snapshot] of snapshots) merged.with(mount, snapshot);
  return merged.snapshot;
}
