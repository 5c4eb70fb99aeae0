import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import { encode } from "../model/encode.ts";
import { isSameButStamp, stamped } from "../model/stamp.ts";
import type { EntrySettings, Registration, Roster } from "./contract.ts";
import { emptyRoster } from "./roster.ts";

/** The registration before the first discovery. */
export const emptyRegistration: Registration = { roster: emptyRoster, entries: SharingMap.of([]) };

/**
 * The desired entries: one for each instance that is up. An instance with an unknown verdict is not registered.
 * Encodes only members that differ from those in `previous`; if no entry differs, `entries` is the same object. An entry keeps its
 * stamp for as long as nothing else of it changes.
 */
export function computeEntries(
  previous: Registration,
  roster: Roster,
  { places, format, stampMs }: EntrySettings,
): Registration {
  const changed = changedKeys(previous.roster.members, roster.members);
  const changes = Array.from(changed, (name) => {
    const member = roster.members.get(name);
    const value = member?.verdict === "up" ? encode(member.instance, format) : undefined;
    const key = places.keyOf(name);
    if (value === undefined || stampMs === undefined) return [key, value] as const;
    const before = previous.entries.get(key);
    return [key, isSameButStamp(before, value) ? before : stamped(value, stampMs)] as const;
  });
  return { roster, entries: previous.entries.with(changes) };
}
