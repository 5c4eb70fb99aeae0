import { basename } from "node:path";
import type { Clock } from "../../lib/base/clock.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { createProxy } from "../../lib/proxy/kinds.ts";
import { hasPolicy } from "../../lib/view/policies/rules.ts";

/** Sentences about policies that have no effect: slow start for files whose proxy would have to be reloaded for each weight. */
export function policyWarnings({ watch }: Plan, clock: Clock): readonly string[] {
  if (!watch?.policies || !hasPolicy(watch.policies, "slowStart")) return [];
  const without = watch.templates.filter(({ proxy }) => {
    return proxy && !createProxy(proxy, { clock }).weighs;
  });
  if (without.length === 0) return [];
  const names = without.map(({ target }) => basename(target.path)).join(", ");
  return [
    `watch.policies.slowStart has no effect for ${names}: the proxy would have to be reloaded for each weight`,
  ];
}
