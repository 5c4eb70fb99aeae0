import type { Instance } from "../model/instance.ts";

/** Instances without duplicates, and the duplicates. */
export interface Distinct {
  /** Unique by service and id. */
  readonly instances: readonly Instance[];
  /** Duplicates of the service and id of an earlier instance. */
  readonly repeated: readonly Instance[];
}

/**
 * Separates duplicates: instances with the same service and id would have the same key. The first one counts, so that
 * the order of several discoveries determines their precedence.
 */
export function distinct(found: readonly Instance[]): Distinct {
  const byName = new Map<string, Instance>();
  const repeated: Instance[] = [];
  for (const instance of found) {
    const name = `${instance.service}/${instance.id}`;
    if (byName.has(name)) repeated.push(instance);
    else byName.set(name, instance);
  }
  return { instances: [...byName.values()], repeated };
}
