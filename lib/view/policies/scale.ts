import type { Endpoint } from "../../model/pool.ts";
import type { Portion } from "./contract.ts";
import { scattered } from "./portions.ts";

/** The highest weight that a proxy takes. */
const highestWeight = 256;

/**
 * By how much all weights of a service are multiplied, so that parts of them are integers: a power of 2, the highest with which
 * none exceeds 256. It changes only if the highest weight of the entries does.
 */
export function scaleOf(instances: readonly Endpoint[]): number {
  let highest = 1;
  for (const { weight } of instances) highest = Math.max(highest, weight);
  return 2 ** Math.max(0, Math.floor(Math.log2(highestWeight / highest)));
}

/**
 * The integer weight of each portion. Instances that get the same part share it exactly: some get 1 more than others, and 0 if the
 * part is smaller than one for each; together they get 1 at least.
 */
export function integerWeights(
  portions: readonly Portion[],
  scale: number,
): ReadonlyMap<Portion, number> {
  const weights = new Map<Portion, number>();
  for (const [part, some] of Map.groupBy(portions, (one) => one.part)) {
    if (part === 0 || part === 1) {
      for (const one of some) weights.set(one, one.endpoint.weight * scale * part);
      continue;
    }
    let [before, after] = [0, 0];
    const inOrder = scattered(some);
    for (const one of inOrder) {
      after = before + one.endpoint.weight * scale * part;
      weights.set(one, Math.round(after) - Math.round(before));
      before = after;
    }
    const [first] = inOrder;
    if (first && Math.round(after) === 0) weights.set(first, 1);
  }
  return weights;
}
