import { changedKeys, SharingMap } from "../base/sharing-map.ts";
import { encode } from "../model/encode.ts";
import { sealOf, unsealed } from "../model/seal.ts";
import { isSameButStamp, stamped } from "../model/stamp.ts";
import type { EntrySettings, Registration, Roster } from "./contract.ts";
import { emptyRoster } from "./roster.ts";
import type { Signer } from "./signer.ts";

/** The registration before the first discovery. */
export const emptyRegistration: Registration = { roster: emptyRoster, entries: SharingMap.of([]) };

/**
 * The desired entries: one for each instance that is up. An instance with an unknown verdict is not registered.
 * Encodes only members that differ from those in `previous`; if no entry differs, `entries` is the same object. An entry keeps its
 * stamp and its signature for as long as nothing else of it changes.
 */
export function computeEntries(
  previous: Registration,
  roster: Roster,
  { places, format, stampMs, signer }: EntrySettings,
): Registration {
  const changed = changedKeys(previous.roster.members, roster.members);
  const changes = Array.from(changed, (name) => {
    const member = roster.members.get(name);
    const value = member?.verdict === "up" ? encode(member.instance, format) : undefined;
    const key = places.keyOf(name);
    if (value === undefined) return [key, value] as const;
    const before = previous.entries.get(key);
    if (before !== undefined && isSameButStamp(before, value)) return [key, before] as const;
    const current = stampMs === undefined ? value : stamped(value, stampMs);
    return [key, signer ? signer.sign(key, current) : current] as const;
  });
  return { roster, entries: previous.entries.with(changes) };
}

/** The registration with a new signature for each entry whose signature is due; the same object if none is. */
export function withRenewed(registration: Registration, signer: Signer): Registration {
  const due = [...registration.entries].filter(([, value]) => signer.isDue(value));
  if (due.length === 0) return registration;
  const renewed = due.map(([key, value]) => [key, signer.sign(key, unsealed(value))] as const);
  return { ...registration, entries: registration.entries.with(renewed) };
}

/** The registration with a new signature for each entry, or with none without a signer; the same object if no entry differs. */
export function resigned(registration: Registration, signer: Signer | undefined): Registration {
  const changes = [...registration.entries].flatMap(([key, value]) => {
    const plain = sealOf(value) ? unsealed(value) : value;
    const now = signer ? signer.sign(key, plain) : plain;
    return now === value ? [] : [[key, now] as const];
  });
  if (changes.length === 0) return registration;
  return { ...registration, entries: registration.entries.with(changes) };
}
