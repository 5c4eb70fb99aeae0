import type { Endpoint } from "../../model/pool.ts";
import type { Portion } from "./contract.ts";

/** The capacity that an instance stands for: its weight, at each of its addresses. */
export function capacityOf({ weight, resolved }: Endpoint): number {
  return weight * (resolved?.length ?? 1);
}

export function sum(portions: readonly Portion[]): number {
  return portions.reduce((total, { endpoint, part }) => total + part * capacityOf(endpoint), 0);
}

/** A part of a portion, for a reason unless that is empty. */
export function portionOf({ endpoint, part, why }: Portion, factor: number, reason = ""): Portion {
  return { endpoint, part: part * factor, why: reason === "" ? why : [...why, reason] };
}

/** `4 %`, and `0.5 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 1 || value === 0 ? Math.round(value) : Math.round(value * 10) / 10} %`;
}

/** In an order that has nothing to do with their keys, and that does not change with other instances. */
export function scattered<T extends { readonly endpoint: Endpoint }>(
  items: readonly T[],
): readonly T[] {
  const hashed = items.map((item) => [hashOf(item.endpoint), item] as const);
  hashed.sort(([a, { endpoint: x }], [b, { endpoint: y }]) => a - b || (x.key < y.key ? -1 : 1));
  return hashed.map(([, item]) => item);
}

const hashes = new WeakMap<Endpoint, number>();

/** FNV-1a, mixed once more: keys that differ in few characters are far apart. */
function hashOf(endpoint: Endpoint): number {
  const known = hashes.get(endpoint);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (let i = 0; i < endpoint.key.length; i += 1) {
    hash = Math.imul(hash ^ endpoint.key.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  const mixed = (hash ^ (hash >>> 15)) >>> 0;
  hashes.set(endpoint, mixed);
  return mixed;
}
