import type { Policy, PolicyRules } from "./contract.ts";

/** The policies of a service for files of which the weights can, or cannot, change without a reload; undefined without any. */
export function policyFor(
  name: string,
  { all, services }: PolicyRules,
  weighs: boolean,
): Policy | undefined {
  const policy = (Object.hasOwn(services, name) ? services[name] : undefined) ?? all;
  if (weighs || !policy.slowStart) return orUndefined(policy);
  const { slowStart: _, ...others } = policy;
  return orUndefined(others);
}

function orUndefined(policy: Policy): Policy | undefined {
  return Object.keys(policy).length === 0 ? undefined : policy;
}

/** Whether any service has one of the policies. */
export function hasPolicy({ all, services }: PolicyRules, kind: keyof Policy): boolean {
  return [all, ...Object.values(services)].some((policy) => policy[kind] !== undefined);
}
