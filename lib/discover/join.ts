import type { Discovered, QuarantinedItem } from "./contract.ts";
import { distinct } from "./distinct.ts";

/** Joins the results of several discoveries: of duplicates, the instance of the first discovery counts. */
export function join<Check>(all: readonly Discovered<Check>[]): Discovered<Check> {
  const found = all.flatMap((one) => one.found);
  const { instances, repeated } = distinct(found.map(({ instance }) => instance));
  const unique = new Set(instances);
  return {
    found: found.filter(({ instance }) => unique.has(instance)),
    quarantined: [
      ...all.flatMap(({ quarantined }) => quarantined),
      ...repeated.map(
        ({ service, id, name }): QuarantinedItem => ({
          what: `${service}/${id}${name ? ` (${name})` : ""}`,
          why: "another instance has the same service and id: give one of them an id of its own",
        }),
      ),
    ],
  };
}
