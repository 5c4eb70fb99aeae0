import type { Pools } from "../../../lib/view/contract.ts";

/**
 * A revision at which the keyspace had all that distinguishes `pools` from the services that were accepted before: a watcher that was
 * verified with it or a later one has applied the same change. Undefined if revisions are no numbers.
 */
export function revisionOf(accepted: Pools | undefined, { snapshot }: Pools): bigint | undefined {
  if (!accepted) return numberOf(snapshot.revision);
  let latest = 0n;
  for (const key of snapshot.changedSince(accepted.snapshot)) {
    // When an entry was removed is not known: by now, it was.
    const revision = numberOf(snapshot.get(key)?.revision ?? snapshot.revision);
    if (revision === undefined) return undefined;
    if (revision > latest) latest = revision;
  }
  return latest;
}

export function numberOf(revision: string): bigint | undefined {
  return /^\d+$/.test(revision) ? BigInt(revision) : undefined;
}
