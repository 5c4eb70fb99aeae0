import { encode } from "../model/encode.ts";
import type { Entries } from "../model/entry.ts";
import { folderOf } from "../model/entry.ts";
import type { Announcing, Roster } from "./contract.ts";
import { faults } from "./faults.ts";
import { nameOf } from "./roster.ts";

/**
 * What the keyspace should say: one entry for each instance that is up. One that was never heard of is
 * not announced, whatever it may turn out to be. Throws PRESENCE_SAME_KEY rather than let one instance
 * hide another, even while one of the two is not up.
 */
export function announce(roster: Roster, { prefix, format }: Announcing): Entries {
  const folder = folderOf(prefix);
  const taken = new Set<string>();
  const entries = new Map<string, string>();
  for (const { instance, verdict } of roster) {
    const key = `${folder}/${nameOf(instance)}`;
    if (taken.has(key)) throw faults.PRESENCE_SAME_KEY({ key });
    taken.add(key);
    if (verdict === "up") entries.set(key, encode(instance, format));
  }
  return entries;
}
