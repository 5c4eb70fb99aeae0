import { isIP } from "node:net";
import { isDenial, LookupError, lookupReason } from "../clients/dns/errors.ts";
import type { Resolved } from "../model/resolution.ts";

/** How often in a row the absence of an address is confirmed before one that is known is given up. */
const mostDenials = 3;

/** The state of a host name, with its recent failures. Immutable. */
export interface HostName {
  /** Undefined until the first lookup has ended. */
  readonly resolved: Resolved | undefined;
  /** How many lookups in a row failed. */
  readonly failures: number;
  /** How many of them in a row got the answer that there is no address. */
  readonly denials: number;
  /** Why the last lookup failed; undefined if it did not. */
  readonly failing: string | undefined;
}

export const unknownName: HostName = {
  resolved: undefined,
  failures: 0,
  denials: 0,
  failing: undefined,
};

/** A name that had these addresses in an earlier process. */
export function nameWith(addresses: readonly string[]): HostName {
  return { ...unknownName, resolved: { addresses } };
}

/** After a lookup with a result; the same addresses are the same object. */
export function found(before: HostName, addresses: readonly string[]): HostName {
  const usable = addresses.filter((address) => isIP(address) !== 0 && !address.includes("%"));
  if (usable.length === 0) return missed(before, new LookupError("ENODATA"));
  const sorted = [...new Set(usable)].sort();
  const { resolved } = before;
  const isSame =
    resolved && "addresses" in resolved && String(resolved.addresses) === String(sorted);
  return { ...unknownName, resolved: isSame ? resolved : { addresses: sorted } };
}

/**
 * After a lookup that failed. Known addresses stay as long as there is no answer, and until the answer that there are none
 * has been repeated: an outage of DNS removes nothing.
 */
export function missed({ resolved, ...before }: HostName, error: unknown): HostName {
  const failures = before.failures + 1;
  const denials = isDenial(error) ? before.denials + 1 : 0;
  const failing = lookupReason(error);
  const isKept = resolved && "addresses" in resolved && denials < mostDenials;
  if (isKept) return { resolved, failures, denials, failing };
  const isSame = resolved && "why" in resolved && resolved.why === failing;
  return { resolved: isSame ? resolved : { why: failing }, failures, denials, failing };
}

/** Whether addresses are kept that several lookups in a row did not confirm. */
export function isUnconfirmed({ resolved, failures }: HostName): boolean {
  return failures >= mostDenials && resolved !== undefined && "addresses" in resolved;
}
