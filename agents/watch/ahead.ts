import type { Clock } from "../../lib/base/clock.ts";
import type { Pools } from "../../lib/view/contract.ts";

/** The text of each file, by target. */
export type Texts = ReadonlyMap<string, string>;

export function isSame(a: Texts, b: Texts): boolean {
  return [...b].every(([target, text]) => a.get(target) === text);
}

/** A proxy that was changed at run time, and judged the change itself, while its files still have the texts before. */
export interface Ahead {
  /** The texts in the files, which were accepted and served. */
  readonly onDisk: Texts;
  /** The services that the proxy serves. */
  readonly pools: Pools;
  /** When the files have the texts before for the first time, in milliseconds of the clock. */
  readonly sinceMs: number;
  /** When the files follow. */
  readonly dueMs: number;
}

/** The files follow once nothing has changed for so long, and after the second time at the latest, in milliseconds. */
const [quietMs, atMostMs] = [1000, 5000];

/** The state after a change at run time to the texts for `pools`; `onDisk` are the texts that were served before. */
export function aheadWith(
  before: Ahead | undefined,
  onDisk: Texts,
  pools: Pools,
  clock: Clock,
): Ahead {
  const nowMs = clock.now();
  const sinceMs = before?.sinceMs ?? nowMs;
  const dueMs = Math.min(nowMs + quietMs, sinceMs + atMostMs);
  return { onDisk: before?.onDisk ?? onDisk, pools, sinceMs, dueMs };
}

/** In how many milliseconds the files follow; undefined if they have what the proxy serves. */
export function followInMs(
  { ahead }: { readonly ahead?: Ahead | undefined },
  clock: Clock,
): number | undefined {
  return ahead && Math.max(0, ahead.dueMs - clock.now());
}
