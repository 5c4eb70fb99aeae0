import type { Endpoint, Pool } from "../../model/pool.ts";
import { isCanary, splitCanary } from "./canary.ts";
import type { Circumstances, Counts, Policy, Portion, Shaped, Weighting } from "./contract.ts";
import { integerWeights, scaleOf } from "./scale.ts";
import { chooseSubset } from "./subset.ts";
import { preferZone } from "./zones.ts";

/**
 * A service as its policies have it: zones and the subset choose among its canaries and among its other instances, both get their
 * shares, and new instances a part of theirs. Drained instances (weight 0) stay as they are; no other gets the weight 0: one that is to get
 * nothing is left out. Never without an instance that takes requests if there is one. Pure; `before` is the last result, of which
 * instances are kept that have not changed. Undefined if nothing is to be shaped.
 */
export function applyPolicy(
  pool: Pool,
  policy: Policy,
  circumstances: Circumstances,
  before?: Shaped,
): Shaped | undefined {
  const { quarantined, ramps } = circumstances;
  const live = pool.instances.filter(({ weight }) => weight > 0);
  // What is quarantined is left out later, whatever its weight.
  const usable = live.filter(({ key }) => !quarantined.has(key));
  if (usable.length === 0) return undefined;
  const portions = partsOf(usable, policy, circumstances);
  const scale = scaleOf(live);
  const weights = integerWeights(portions, scale);
  const weightings = new Map<string, Weighting>();
  for (const one of portions) {
    const { key, weight: published } = one.endpoint;
    const ramp = ramps.get(key);
    const whole = weights.get(one) ?? 0;
    const weight = ramp && whole > 0 ? Math.max(1, Math.round(whole * ramp.share)) : whole;
    const why = [...(ramp && whole > 0 ? [ramp.why] : []), ...one.why].join("; ");
    weightings.set(key, { published, full: published * scale, weight, why });
  }
  const made = new Map<Endpoint, Endpoint>();
  const instances = pool.instances.flatMap((one) => {
    const weight = weightings.get(one.key)?.weight ?? one.weight * scale;
    if (one.weight > 0 && weight === 0) return [];
    const known = before?.made.get(one);
    const now = known?.weight === weight ? known : withWeight(one, weight);
    made.set(one, now);
    return [now];
  });
  const isSame =
    before?.from === pool &&
    before.pool.instances.length === instances.length &&
    instances.every((one, i) => one === before.pool.instances[i]);
  return { from: pool, pool: isSame ? before.pool : { ...pool, instances }, weightings, made };
}

/** The part of its weight that each instance gets, but for slow start. */
function partsOf(
  usable: readonly Endpoint[],
  { zones, subset, canary }: Policy,
  { place }: Circumstances,
): readonly Portion[] {
  const isAnyLive = usable.some(({ retained }) => !retained);
  const counts: Counts = ({ retained }) => !(retained && isAnyLive);
  const choose = (some: readonly Portion[]) => {
    const near = zones && some.length > 0 ? preferZone(some, zones, counts) : some;
    return subset ? chooseSubset(near, subset, place, counts) : near;
  };
  const all = usable.map((endpoint): Portion => ({ endpoint, part: 1, why: [] }));
  if (!canary) return choose(all);
  const canaries = all.filter((one) => isCanary(one, canary));
  if (canaries.length === 0 || canaries.length === all.length) return choose(all);
  const others = all.filter((one) => !isCanary(one, canary));
  return splitCanary(choose(canaries), choose(others), canary, counts);
}

/** An instance with another weight, also at each of its addresses and for generators that write the weight of the entry. */
function withWeight(endpoint: Endpoint, weight: number): Endpoint {
  if (endpoint.weight === weight) return endpoint;
  const { resolved } = endpoint;
  return {
    ...endpoint,
    weight,
    extras: { ...endpoint.extras, weight: String(weight) },
    ...(resolved && { resolved: resolved.map((one) => withWeight(one, weight)) }),
  };
}
