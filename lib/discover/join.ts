import type { Discovered, QuarantinedItem } from "./contract.ts";
import { distinct } from "./distinct.ts";

/** What several discoveries have found, as one: of two instances that go by one name that of the first counts. */
export function join<Check>(all: readonly Discovered<Check>[]): Discovered<Check> {
  const found = all.flatMap((one) => one.found);
  const { instances, repeated } = distinct(found.map(({ instance }) => instance));
  const clear = new Set(instances);
  return {
    found: found.filter(({ instance }) => clear.has(instance)),
    quarantined: [
      ...all.flatMap(({ quarantined }) => quarantined),
      ...repeated.map(
        ({ service, id, name }): QuarantinedItem => ({
          what: `${service}/${id}${name ? ` (${name})` : ""}`,
          why: "the configuration names another instance by this name: give one of them an id of its own",
        }),
      ),
    ],
  };
}
