import type { Clock } from "../../../lib/base/clock.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { type Entry, isWithinAny } from "../../../lib/model/entry.ts";
import { reads } from "./reads.ts";
import type { Trials } from "./trials.ts";
import { linesOfKey } from "./tried-lines.ts";

/** How much is tried for one line. */
export interface TrialLimits {
  /** So many keys are tried one by one; of more, groups that do not matter are found first. */
  readonly singly: number;
  /** So many keys are named at the most. */
  readonly keys: number;
  /** In milliseconds. */
  readonly limitMs: number;
}

export const usualLimits: TrialLimits = { singly: 64, keys: 50, limitMs: 3000 };

/** The entries that a line depends on. */
export interface KeysOfLine {
  readonly found: readonly { readonly entry: Entry; readonly isRequired: boolean }[];
  readonly isComplete: boolean;
}

/**
 * The entries without which the line of a text, by its index, would be another one: each is tried alone. Of many entries, the ones
 * are left out that do not matter together either, half of them after the other.
 */
export async function keysOfLine(
  trials: Trials,
  base: readonly string[],
  index: number,
  { singly, keys, limitMs }: TrialLimits,
  clock: Clock,
): Promise<KeysOfLine> {
  const line = base[index] ?? "";
  const candidates = candidatesOf(trials, line);
  const endMs = clock.now() + limitMs;
  const found: { readonly entry: Entry; readonly isRequired: boolean }[] = [];
  const waiting: (readonly Entry[])[] =
    candidates.length > singly ? [candidates] : candidates.map((one) => [one]).reverse();
  for (let group = waiting.pop(); group; group = waiting.pop()) {
    if (found.length === keys || clock.now() > endMs) return { found, isComplete: false };
    const [entry] = group;
    if (entry && group.length === 1) {
      const { lines, fault } = await linesOfKey(trials, base, entry.key);
      if (lines.includes(index)) found.push({ entry, isRequired: fault !== undefined });
    } else if (await matters(group, trials, base, line)) {
      const half = Math.ceil(group.length / 2);
      waiting.push(group.slice(half), group.slice(0, half));
    }
  }
  return { found, isComplete: true };
}

/** The entries that the file reads, the ones first that the line may show. */
function candidatesOf({ file, pools }: Trials, line: string): readonly Entry[] {
  const { prefixes } = file.plan;
  const all = pools.snapshot.chunks
    .flat()
    .filter(({ key }) => isWithinAny(key, prefixes) && reads(file, key, pools));
  const shown = all.filter(({ key, value }) => isShown(line, key, value));
  return [...new Set([...shown, ...all])];
}

function isShown(line: string, key: string, value: string): boolean {
  const id = key.slice(key.lastIndexOf("/") + 1);
  return line.includes(id) || (value !== "" && line.includes(value));
}

/** Whether there are fewer lines with this text if the group is missing as a whole. */
async function matters(
  group: readonly Entry[],
  trials: Trials,
  base: readonly string[],
  line: string,
): Promise<boolean> {
  const tried = await trials.without(new Set(group.map(({ key }) => key)));
  return tried instanceof Fault || count(tried, line) < count(base, line);
}

function count(lines: readonly string[], line: string): number {
  let times = 0;
  for (const one of lines) if (one === line) times += 1;
  return times;
}
