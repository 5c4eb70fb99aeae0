import { refusedByReaders } from "../model/decode.ts";
import type { Discovered, FoundInstance, QuarantinedItem } from "./contract.ts";
import { distinct } from "./distinct.ts";

/**
 * Joins the results of several discoveries: of duplicates, the instance of the first discovery counts. An instance that
 * readers of the keyspace would quarantine is quarantined here, before it is registered.
 */
export function join<Check>(all: readonly Discovered<Check>[]): Discovered<Check> {
  const refused: QuarantinedItem[] = [];
  const isReadable = ({ instance }: FoundInstance<Check>) => {
    const why = refusedByReaders(instance);
    if (why !== undefined) refused.push({ what: nameOf(instance), why });
    return why === undefined;
  };
  const found = all.flatMap((one) => one.found).filter(isReadable);
  const { instances, repeated } = distinct(found.map(({ instance }) => instance));
  const unique = new Set(instances);
  const why = "another instance has the same service and id: give one of them an id of its own";
  return {
    found: found.filter(({ instance }) => unique.has(instance)),
    quarantined: [
      ...all.flatMap(({ quarantined }) => quarantined),
      ...refused,
      ...repeated.map((instance) => ({ what: nameOf(instance), why })),
    ],
  };
}

function nameOf({ service, id, name }: FoundInstance["instance"]): string {
  return `${service}/${id}${name ? ` (${name})` : ""}`;
}
