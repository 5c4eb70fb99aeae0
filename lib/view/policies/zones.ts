import type { Endpoint } from "../../model/pool.ts";
import type { Counts, Portion, Zones } from "./contract.ts";
import { percent, portionOf, sum } from "./portions.ts";

/**
 * Prefers the instances of the own zone, and lets requests spill over where these have too little capacity for the part of all
 * requests that begins here: Envoy's zone-aware routing, if the same number of requests begins in each zone. The zones with more
 * capacity than their fair part take what spills over, each as much as it has more.
 */
export function preferZone(
  portions: readonly Portion[],
  { label, value, spill, min }: Zones,
  counts: Counts,
): readonly Portion[] {
  const zoneOf = ({ endpoint }: Portion) => labelOf(endpoint, label);
  const counted = portions.filter(({ endpoint }) => counts(endpoint));
  const capacities = new Map([[value, 0]]);
  for (const [zone, some] of Map.groupBy(counted, zoneOf)) capacities.set(zone, sum(some));
  const local = counted.filter((one) => zoneOf(one) === value).length;
  if (local < min) {
    const why = `zone ${value} has ${local} of at least ${min} instances, so that all zones are used`;
    return portions.map((one) => portionOf(one, 1, why));
  }
  const total = [...capacities.values()].reduce((all, one) => all + one, 0);
  if (total === 0) return portions;
  const fair = total / capacities.size;
  const own = capacities.get(value) ?? 0;
  const share = own >= spill * fair ? 1 : own / (spill * fair);
  const shares = spilled(capacities, { value, share, fair });
  // Instances that do not count get requests like the others of their zone.
  const byZone = Map.groupBy(portions, zoneOf);
  const rates = new Map(
    Array.from(byZone, ([zone, some]) => [zone, rate(shares.get(zone) ?? 0, sum(some))]),
  );
  const highest = Math.max(...rates.values());
  return portions.map((one) => {
    const zone = zoneOf(one);
    return portionOf(one, (rates.get(zone) ?? 0) / highest, reason(zone, value, shares, share));
  });
}

/** The share of the requests of this watcher that each zone gets: 1 in all. */
function spilled(
  capacities: ReadonlyMap<string, number>,
  { value, share, fair }: { readonly value: string; readonly share: number; readonly fair: number },
): ReadonlyMap<string, number> {
  const others = [...capacities].filter(([zone]) => zone !== value);
  const rest = new Map(others.map(([zone, capacity]) => [zone, Math.max(0, capacity - fair)]));
  const restInAll = [...rest.values()].reduce((all, one) => all + one, 0);
  const shares = new Map([[value, share]]);
  if (share < 1)
    for (const [zone, one] of rest) shares.set(zone, ((1 - share) * one) / (restInAll || 1));
  return shares;
}

function rate(share: number, capacity: number): number {
  return capacity === 0 ? 0 : share / capacity;
}

function reason(
  zone: string,
  value: string,
  shares: ReadonlyMap<string, number>,
  own: number,
): string {
  const name = zone === "" ? "no zone" : `zone ${zone}`;
  if (zone === value) return own === 1 ? `${name} is preferred` : `${name}: ${percent(own)}`;
  const share = shares.get(zone) ?? 0;
  if (share > 0) return `${name}: spill over ${percent(share)}`;
  return own === 1 ? `${name}: zone ${value} has enough` : `${name} has no more than its part`;
}

function labelOf({ labels }: Endpoint, label: string): string {
  return Object.hasOwn(labels, label) ? (labels[label] ?? "") : "";
}
