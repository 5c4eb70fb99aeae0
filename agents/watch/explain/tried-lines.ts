import { alignLines } from "../../../lib/base/align-lines.ts";
import { Fault } from "../../../lib/base/fault.ts";
import type { Trials } from "./trials.ts";

/** The lines that come from one entry. */
export interface LinesOfKey {
  /** From 0: the lines of the text that would be other ones, or absent, without the entry. */
  readonly lines: readonly number[];
  /** Why the file cannot be rendered without it; the lines are then the ones that change with its value. */
  readonly fault: Fault | undefined;
}

/** The lines of the text that come from the entry of a key, by rendering without it. */
export async function linesOfKey(
  trials: Trials,
  base: readonly string[],
  key: string,
): Promise<LinesOfKey> {
  const tried = await trials.without(new Set([key]));
  if (!(tried instanceof Fault)) return { lines: changedIn(base, tried), fault: undefined };
  return { lines: await linesOfValue(trials, base, key), fault: tried };
}

/** The lines that change with the value of a key that cannot be missing; where no other value can be rendered, the ones with the value. */
async function linesOfValue(
  trials: Trials,
  base: readonly string[],
  key: string,
): Promise<readonly number[]> {
  const { value = "" } = trials.pools.snapshot.get(key) ?? {};
  const tried = await trials.changed(key, `${value}0`);
  if (!(tried instanceof Fault)) return changedIn(base, tried);
  return base.flatMap((line, i) => (value !== "" && line.includes(value) ? [i] : []));
}

function changedIn(base: readonly string[], tried: readonly string[]): readonly number[] {
  return alignLines(base, tried).flatMap((match, i) => (match === undefined ? [i] : []));
}
