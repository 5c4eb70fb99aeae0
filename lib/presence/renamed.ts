import type { Present } from "./contract.ts";
import { nameOf } from "./roster.ts";

/**
 * The present instances; one that was renamed has its instance of `before` until its new name is known, since its health is
 * known under the former name only. It is the same run at the same address. `present` itself where nothing has to wait.
 */
export function underKnownNames(
  before: readonly Present[],
  present: readonly Present[],
  isKnown: (name: string) => boolean,
): readonly Present[] {
  const isNew = ({ instance, run }: Present) => run !== undefined && !isKnown(nameOf(instance));
  const added = present.filter(isNew);
  if (added.length === 0) return present;
  const names = new Set(present.map(({ instance }) => nameOf(instance)));
  const left = before.filter(({ instance }) => !names.has(nameOf(instance)));
  // Several have one address if a container publishes a port for TCP and UDP: they are in the same order as before.
  const formerByProcess = Map.groupBy(left, processOf);
  const renamed = added.flatMap((one) => {
    const former = formerByProcess.get(processOf(one))?.shift();
    return former ? [[one, former.instance] as const] : [];
  });
  if (renamed.length === 0) return present;
  const formerOf = new Map(renamed);
  return present.map((one) => ({ ...one, instance: formerOf.get(one) ?? one.instance }));
}

/** Identifies a run at an address, whatever its name. */
function processOf({ run, instance: { host, port } }: Present): string {
  return `${run} ${host} ${port}`;
}
