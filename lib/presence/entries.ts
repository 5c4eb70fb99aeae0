import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import { encode } from "../model/encode.ts";
import { folderOf } from "../model/entry.ts";
import type { EntrySettings, Registration, Roster } from "./contract.ts";
import { emptyRoster } from "./roster.ts";

/** What is announced before anybody was found. */
export const emptyRegistration: Registration = { roster: emptyRoster, entries: SharingMap.of([]) };

/**
 * What the keyspace should say: one entry for each instance that is up. One that was never heard of is
 * not announced, whatever it may turn out to be. Only members that are not what they were in `previous` are
 * written down anew; where that makes no difference, the entries are the same object.
 */
export function computeEntries(
  previous: Registration,
  roster: Roster,
  { prefix, format }: EntrySettings,
): Registration {
  const folder = folderOf(prefix);
  const changed = changedKeys(previous.roster.members, roster.members);
  const changes = Array.from(changed, (name) => {
    const member = roster.members.get(name);
    const value = member?.verdict === "up" ? encode(member.instance, format) : undefined;
    return [`${folder}/${name}`, value] as const;
  });
  return { roster, entries: previous.entries.with(changes) };
}
