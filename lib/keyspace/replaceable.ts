import type { Fault } from "../base/fault.ts";
import { hasSameSeal } from "../model/seal.ts";
import { isSameButStamp } from "../model/stamp.ts";
import type { PutRules } from "./contract.ts";
import { faults } from "./faults.ts";

/** An entry that the session of another agent holds. */
export interface HeldEntry {
  /** Its key in the store; it differs from the key that is put where the store numbers entries. */
  readonly storeKey: string;
  readonly value: string;
  readonly owner: string;
}

/** KEYSPACE_KEY_HELD, with the entry. */
interface KeyHeld extends Fault {
  readonly held: HeldEntry;
}

/**
 * The one rule for all stores about an entry of another live session: throws KEYSPACE_KEY_CONFLICT if it has another value,
 * and KEYSPACE_KEY_HELD if it has the same value and its session is not one to take over from. Returns the value to replace it
 * with: the one that it has, if that differs by its stamp alone. A signature of another agent is not kept.
 */
export function replacement(
  key: string,
  value: string,
  held: HeldEntry,
  { overwrites = false, takeOver }: PutRules,
): string {
  if (overwrites) return value;
  if (!isSameButStamp(held.value, value))
    throw faults.KEYSPACE_KEY_CONFLICT({ key, value: held.value });
  if (takeOver?.has(held.owner)) return hasSameSeal(held.value, value) ? held.value : value;
  throw Object.assign(faults.KEYSPACE_KEY_HELD({ key, owner: held.owner }), { held });
}

/** The entry of the other session if a fault is KEYSPACE_KEY_HELD; undefined for any other fault. */
export function heldEntryOf(fault: Fault): HeldEntry | undefined {
  return fault.code === "KEYSPACE_KEY_HELD" ? (fault as KeyHeld).held : undefined;
}
