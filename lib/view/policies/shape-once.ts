import type { Pools } from "../contract.ts";
import type { PolicyRules } from "./contract.ts";
import { policyFor } from "./rules.ts";
import { atRest, PoolShaper } from "./shaper.ts";

/** The services after their policies, as far as these do not depend on time or on other watchers: none is new, and all are used. */
export function shapeOnce(pools: Pools, rules: PolicyRules | undefined, weighs: boolean): Pools {
  if (!rules) return pools;
  const policies = atRest((service) => policyFor(service, rules, weighs));
  return new PoolShaper().of(pools, policies);
}
