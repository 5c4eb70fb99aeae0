import { canonicalAddress } from "../model/endpoint.ts";
import type { Endpoint } from "../model/pool.ts";

/**
 * The endpoints of a service that repeat the address of another one, each with the one that is served instead: the one
 * under its own address, else one that takes requests, else the first in key order. So no entry can drain an instance that
 * is registered under its address. Of several under their own address, which are in different folders, one that takes requests.
 *
 * `aliases` are the endpoints that can repeat an address, in key order: those with an id other than their address, and those of
 * further folders. `byAddressId` returns the endpoint of the first folder that has the address as its id.
 */
export function duplicates(
  aliases: readonly Endpoint[],
  byAddressId: (address: string) => Endpoint | undefined,
): ReadonlyMap<Endpoint, Endpoint> {
  const served = new Map<string, Endpoint>();
  const registered: Endpoint[] = [];
  let isAnyRepeated = false;
  for (const one of aliases) {
    const address = canonicalAddress(one);
    const known = served.get(address);
    const rival = known ?? registeredAt(address, byAddressId);
    isAnyRepeated ||= rival !== undefined;
    if (rival && !known) registered.push(rival);
    served.set(address, rival ? preferred(rival, one) : one);
  }
  const repeated = new Map<Endpoint, Endpoint>();
  if (!isAnyRepeated) return repeated;
  for (const one of [...aliases, ...registered]) {
    const winner = served.get(canonicalAddress(one));
    if (winner && winner !== one) repeated.set(one, winner);
  }
  return repeated;
}

function registeredAt(
  address: string,
  byAddressId: (address: string) => Endpoint | undefined,
): Endpoint | undefined {
  const found = byAddressId(address);
  return found && canonicalAddress(found) === address ? found : undefined;
}

/** Of two endpoints in key order. */
function preferred(first: Endpoint, next: Endpoint): Endpoint {
  const [isFirst, isNext] = [isUnderOwnAddress(first), isUnderOwnAddress(next)];
  if (isFirst !== isNext) return isFirst ? first : next;
  return first.weight === 0 && next.weight > 0 ? next : first;
}

/** Whether the id is the address, in any spelling. */
function isUnderOwnAddress({ id, ...address }: Endpoint): boolean {
  return id.toLowerCase().replace(/\.(?=:\d+$)/, "") === canonicalAddress(address);
}
