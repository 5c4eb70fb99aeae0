import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import { encode } from "../model/encode.ts";
import type { EntrySettings, Registration, Roster } from "./contract.ts";
import { emptyRoster } from "./roster.ts";

/** The registration before the first discovery. */
export const emptyRegistration: Registration = { roster: emptyRoster, entries: SharingMap.of([]) };

/**
 * The desired entries: one for each instance that is up. An instance with an unknown verdict is not registered.
 * Encodes only members that differ from those in `previous`; if no entry differs, `entries` is the same object.
 */
export function computeEntries(
  previous: Registration,
  roster: Roster,
  { places, format }: EntrySettings,
): Registration {
  const changed = changedKeys(previous.roster.members, roster.members);
  const changes = Array.from(changed, (name) => {
    const member = roster.members.get(name);
    const value = member?.verdict === "up" ? encode(member.instance, format) : undefined;
    return [places.keyOf(name), value] as const;
  });
  return { roster, entries: previous.entries.with(changes) };
}
