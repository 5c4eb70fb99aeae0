import type { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Guarded } from "../../../lib/view/contract.ts";
import { findInstances, similarNames } from "../../../lib/view/find-instance.ts";
import { faults } from "../../faults.ts";

/** The entries that a keyspace is to have and not to have, by full keys or by names of instances such as `web/10.0.0.1:80`. */
export interface Asked {
  /** The entries that it would not have. */
  readonly without: readonly string[];
  /** The values that it would have. */
  readonly with: ReadonlyMap<string, string>;
}

/** The same by full keys. */
export interface Alteration {
  readonly put: ReadonlyMap<string, string>;
  readonly gone: readonly string[];
}

/** The alteration that is asked for. Throws AGENT_KEY_INVALID, and AGENT_KEY_UNKNOWN if an entry to go is not there. */
export function alterationOf(asked: Asked, guarded: Guarded): Alteration {
  const put = new Map(Array.from(asked.with, ([name, value]) => [keyOf(name, guarded), value]));
  const gone = asked.without.map((name) => {
    const key = keyOf(name, guarded);
    const { snapshot } = guarded.observed;
    if (snapshot.get(key) || snapshot.unreadable.some((one) => one.key === key)) return key;
    throw faults.AGENT_KEY_UNKNOWN({ key, similar: similarNames(name, guarded) });
  });
  return { put, gone };
}

function keyOf(name: string, guarded: Guarded): string {
  const [found] = name.startsWith("/") ? [{ key: name }] : findInstances(name, guarded);
  const key = found?.key ?? name;
  if (/^\/.*[^/]$/s.test(key)) return key;
  throw faults.AGENT_KEY_INVALID({ asked: name });
}

/** The revision of an entry that no keyspace has. */
const simulated = "simulated";

/** The snapshot as it would be after an alteration. An entry that would have the value that it has is the same object. */
export function altered(snapshot: Snapshot, { put, gone }: Alteration): Snapshot {
  const { revision } = snapshot;
  const entries = Array.from(put, ([key, value]) => {
    return [key, { ...snapshot.get(key), key, value, revision: simulated }] as const;
  });
  const unreadable = snapshot.unreadable.filter(({ key }) => !(put.has(key) || gone.includes(key)));
  const missing = gone.filter((key) => !put.has(key));
  return snapshot.after({
    kind: "delta",
    revision,
    put: new Map(entries),
    gone: missing,
    unreadable,
  });
}
