import { canonicalAddress } from "../model/endpoint.ts";
import type { Endpoint } from "../model/pool.ts";
import type { DecodedChunk } from "./decoded-chunk.ts";

/** The endpoints among which addresses are repeated. */
export interface Candidates {
  readonly chunks: readonly DecodedChunk[];
  /**
   * For the chunks of one folder, where only aliases can repeat an address: returns the endpoint that has an address as its id.
   * Undefined for those of several folders, where each endpoint can.
   */
  readonly byAddressId: ((address: string) => Endpoint | undefined) | undefined;
}

/**
 * The endpoints of a service by address, and those of them that repeat the address of another one. Any sequence of candidates
 * gives what an index made for the last of them has; the work is proportional to the difference to the ones before.
 */
export class DuplicateIndex {
  #chunks: ReadonlySet<DecodedChunk> = new Set();
  #isMixed = false;
  readonly #byAddress = new Map<string, Endpoint | readonly Endpoint[]>();
  /** By repeated address, the endpoints that have it. */
  readonly #repeated = new Map<string, readonly Endpoint[]>();

  /**
   * The endpoints that repeat an address, in key order, each with the one that is served instead: the one under its own
   * address, else one that takes requests, else the first in key order. So no entry can drain an instance that is registered
   * under its address. Of several under their own address, which are in different folders, one that takes requests.
   */
  of({ chunks, byAddressId }: Candidates): ReadonlyMap<Endpoint, Endpoint> {
    const isMixed = byAddressId === undefined;
    if (isMixed !== this.#isMixed) this.#clear();
    this.#isMixed = isMixed;
    const areAllAliases = chunks.every((one) => one.endpoints.length === one.aliases.length);
    for (const address of this.#update(new Set(chunks))) {
      const found = this.#byAddress.get(address);
      const registered =
        found && byAddressId && !areAllAliases && registeredAt(address, byAddressId);
      if (registered) this.#repeated.set(address, [registered, ...listOf(found)]);
      else if (Array.isArray(found)) this.#repeated.set(address, found);
      else this.#repeated.delete(address);
    }
    if (this.#repeated.size === 0) return noRepeated;
    const pairs = [...this.#repeated.values()].flatMap(repeatedOf);
    return new Map(pairs.sort(([a], [b]) => (a.key < b.key ? -1 : 1)));
  }

  #clear(): void {
    this.#chunks = new Set();
    this.#byAddress.clear();
    this.#repeated.clear();
  }

  /** Makes the index that of some chunks. Returns the addresses of which the endpoints are others than before. */
  #update(chunks: ReadonlySet<DecodedChunk>): ReadonlySet<string> {
    const gone = [...this.#chunks].filter((one) => !chunks.has(one));
    const come = [...chunks].filter((one) => !this.#chunks.has(one));
    this.#chunks = chunks;
    const before = new Set(gone.flatMap(this.#membersOf));
    const after = new Set(come.flatMap(this.#membersOf));
    const touched = new Set<string>();
    for (const one of before) if (!after.has(one)) touched.add(this.#remove(one));
    for (const one of after) if (!before.has(one)) touched.add(this.#add(one));
    // An endpoint under its own address matters where an alias has the address, too.
    if (!this.#isMixed && this.#byAddress.size > 0) {
      const ids = [...gone, ...come].flatMap(({ endpoints }) => endpoints.map(({ id }) => id));
      for (const id of ids) if (this.#byAddress.has(id)) touched.add(id);
    }
    return touched;
  }

  #remove(one: Endpoint): string {
    const address = canonicalAddress(one);
    const [first, ...others] = listOf(this.#byAddress.get(address)).filter((i) => i !== one);
    if (!first) this.#byAddress.delete(address);
    else this.#byAddress.set(address, others.length === 0 ? first : [first, ...others]);
    return address;
  }

  #add(one: Endpoint): string {
    const address = canonicalAddress(one);
    const others = this.#byAddress.get(address);
    this.#byAddress.set(address, others ? [...listOf(others), one] : one);
    return address;
  }

  readonly #membersOf = ({ endpoints, aliases }: DecodedChunk) =>
    this.#isMixed ? endpoints : aliases;
}

const noRepeated: ReadonlyMap<Endpoint, Endpoint> = new Map();

function listOf(found: Endpoint | readonly Endpoint[] | undefined): readonly Endpoint[] {
  return found === undefined ? [] : [found].flat();
}

function registeredAt(
  address: string,
  byAddressId: (address: string) => Endpoint | undefined,
): Endpoint | undefined {
  const found = byAddressId(address);
  return found && canonicalAddress(found) === address ? found : undefined;
}

/** The endpoints of one address that are not served, each with the one that is. */
function repeatedOf(all: readonly Endpoint[]): readonly (readonly [Endpoint, Endpoint])[] {
  const served = all.toSorted(byPrecedence).reduce(preferred);
  return all.flatMap((one) => (one === served ? [] : [[one, served] as const]));
}

/** Those with exactly their address as id first, then in key order. */
function byPrecedence(a: Endpoint, b: Endpoint): number {
  const [isA, isB] = [a, b].map((one) => one.id === canonicalAddress(one));
  if (isA !== isB) return isA ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}

/** Of two endpoints in order of precedence. */
function preferred(first: Endpoint, next: Endpoint): Endpoint {
  const [isFirst, isNext] = [isUnderOwnAddress(first), isUnderOwnAddress(next)];
  if (isFirst !== isNext) return isFirst ? first : next;
  return first.weight === 0 && next.weight > 0 ? next : first;
}

/** Whether the id is the address, in any spelling. */
function isUnderOwnAddress({ id, ...address }: Endpoint): boolean {
  return id.toLowerCase().replace(/\.(?=:\d+$)/, "") === canonicalAddress(address);
}
