import type { Discovered } from "./contract.ts";

/** All of several results, in order, duplicates included. */
export function concat<Check>(parts: readonly Discovered<Check>[]): Discovered<Check> {
  return {
    found: parts.flatMap(({ found }) => found),
    quarantined: parts.flatMap(({ quarantined }) => quarantined),
  };
}
