import type { Policy, PolicyRules } from "../view/policies/contract.ts";
import type { Config } from "./schema.ts";

type PoliciesConfig = NonNullable<NonNullable<Config["watch"]>["policies"]>;
type ServicePolicies = PoliciesConfig["services"][string];

/** A service inherits the policies that it leaves out. */
export function policiesOf({ services, ...all }: PoliciesConfig): PolicyRules {
  const own = Object.entries(services).map(([name, one]) => [name, policyOf({ ...all, ...one })]);
  return { all: policyOf(all), services: Object.fromEntries(own) };
}

function policyOf({ slowStart, zones, subset, canary }: ServicePolicies): Policy {
  return {
    ...(slowStart && {
      slowStart: {
        windowMs: slowStart.window,
        aggression: slowStart.aggression,
        min: slowStart.min,
      },
    }),
    ...(zones && { zones }),
    ...(subset && { subset }),
    ...(canary && { canary }),
  };
}
