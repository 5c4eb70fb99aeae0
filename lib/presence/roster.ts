import type { Instance } from "../model/instance.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Roster } from "./contract.ts";

/** What tells an instance from all others of this agent: `web/10.0.0.1:80`. */
export function nameOf({ service, id }: Instance): string {
  return `${service}/${id}`;
}

/**
 * Joins who is here with what is known of their health, by `nameOf`. An instance that health has nothing
 * to say about yet is unknown; health of an instance that is no longer here is of no interest.
 */
export function roster(
  instances: readonly Instance[],
  health: ReadonlyMap<string, { readonly verdict: Verdict }>,
): Roster {
  return instances.map((instance) => {
    const verdict = health.get(nameOf(instance))?.verdict ?? "unknown";
    return { instance, verdict };
  });
}
