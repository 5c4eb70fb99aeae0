import type { Instance } from "../model/instance.ts";

/** Instances that can be told apart, and those that cannot. */
export interface Distinct {
  /** No two of them have both service and id in common. */
  readonly instances: readonly Instance[];
  /** Those left out: another one that comes before them goes by the same service and id. */
  readonly repeated: readonly Instance[];
}

/**
 * Two instances with one service and one id would share one key. The first one counts, so that whoever
 * joins several discoveries says by their order which goes before which; the others are named, not lost.
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
