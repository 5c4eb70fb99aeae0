import { causeOf } from "../../lib/journal/cause.ts";
import type { Cause } from "../../lib/journal/contract.ts";
import { keyChange } from "../../lib/journal/key-changes.ts";
import { isWithinAny } from "../../lib/model/entry.ts";
import type { ReadState } from "../../lib/render/reads.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { Texts } from "./ahead.ts";
import type { Beginning } from "./trace.ts";

/** The state that the next generation is compared with. */
export interface Base {
  readonly pools: Pools;
  /** Undefined if it is a state of an earlier process. */
  readonly texts: Texts | undefined;
  readonly reads: readonly ReadState[];
}

/** The keys within the prefixes with another value than in an earlier state that the texts of then or of now depend on. */
export function changedKeys(
  base: Base | undefined,
  { snapshot, sources }: Pools,
  readNow: readonly ReadState[],
  prefixes: readonly string[],
): readonly string[] {
  if (!base) return [];
  const { snapshot: before } = base.pools;
  const reads = [...base.reads, ...readNow];
  const isRead = (key: string, isNews: boolean) => {
    const change = { keys: new Map([[key, isNews]]), services: new Set(sources.servicesOf(key)) };
    return isWithinAny(key, prefixes) && reads.some((one) => one.includes(change));
  };
  return [...snapshot.changedSince(before)].filter((key) => {
    const [old, now] = [before.get(key), snapshot.get(key)];
    return old?.value !== now?.value && isRead(key, !old || !now);
  });
}

/** These keys as the cause of texts that differ from those of an earlier state. */
export function causeSince(
  base: Base | undefined,
  keys: readonly string[],
  { snapshot: after }: Pools,
  { reasons, current }: Beginning,
): Cause {
  const before = base?.pools.snapshot;
  if (!before) return causeOf([], reasons);
  const changes = keys.map((key) => keyChange(key, { before, after, current }));
  return causeOf(changes, reasons);
}
