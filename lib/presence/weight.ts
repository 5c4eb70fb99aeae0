import type { Instance } from "../model/instance.ts";
import type { InstanceWeight, Present, PresentInstances, Weights } from "./contract.ts";
import { nameOf } from "./roster.ts";

/** The weight that was requested for an instance; undefined if there is none, or if it was requested for another run. */
export function weightOf({ instance, run }: Present, weights: Weights): InstanceWeight | undefined {
  const known = weights.get(nameOf(instance));
  return known !== undefined && known.run === run ? known : undefined;
}

/** The requested weights after a discovery: those of runs that are gone end, once discovery is complete. */
export function weightsAfter(before: Weights, { found, isComplete }: PresentInstances): Weights {
  const after = new Map(isComplete ? [] : before);
  for (const one of found) {
    const name = nameOf(one.instance);
    const known = weightOf(one, before);
    if (known !== undefined) after.set(name, known);
    else after.delete(name);
  }
  return after;
}

/** The requested weights after a request for these instances; without a `weight` they have their own again. */
export function weightsWith(
  before: Weights,
  present: readonly Present[],
  weight: number | undefined,
  nowMs: number,
): Weights {
  const after = new Map(before);
  for (const { instance, run } of present) {
    const name = nameOf(instance);
    if (weight === undefined) after.delete(name);
    else after.set(name, { weight, ...(run !== undefined && { run }), sinceMs: nowMs });
  }
  return after;
}

/** Instances with another weight keep their identity from one call to the next. */
const weighted = new WeakMap<Instance, Instance>();

/** An instance with a weight; itself without one. */
export function withWeight(instance: Instance, weight: number | undefined): Instance {
  if (weight === undefined) return instance;
  const known = weighted.get(instance);
  if (known?.weight === weight) return known;
  const changed = { ...instance, weight };
  weighted.set(instance, changed);
  return changed;
}
