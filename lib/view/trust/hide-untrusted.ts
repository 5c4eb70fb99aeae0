import type { Pools } from "../contract.ts";

const hidden = new WeakMap<Pools, Pools>();

/**
 * The services and keys without the keys of entries that are not trusted: a template that reads keys by itself would see them, too.
 * An instance that the guard retains at such a key is another entry, and stays. The same object for the same services.
 */
export function hideUntrusted(pools: Pools, observed: Pools): Pools {
  if (!observed.trust) return pools;
  const known = hidden.get(pools);
  if (known) return known;
  const made = withoutUntrusted(pools, observed);
  hidden.set(pools, made);
  return made;
}

function withoutUntrusted(pools: Pools, { quarantined, snapshot: seen }: Pools): Pools {
  const { snapshot } = pools;
  const gone = [...quarantined.values()].flat().flatMap(({ key, isUntrusted }) => {
    const isShown = isUntrusted && snapshot.get(key) !== undefined;
    return isShown && snapshot.get(key) === seen.get(key) ? [key] : [];
  });
  if (gone.length === 0) return pools;
  const { revision } = snapshot;
  return { ...pools, snapshot: snapshot.after({ kind: "delta", revision, put: new Map(), gone }) };
}
