import { lineOf, linesOf } from "./model.ts";
import type { HeldAt, ShownAt } from "./record.ts";
import type { Held } from "./store.ts";

/** What was written down while a fault was made, and after. Times are in milliseconds of one clock. */
export interface Evidence {
  readonly held: readonly HeldAt[];
  readonly shown: readonly ShownAt[];
}

/**
 * When registry and file became what they should be, and stayed so. Undefined where they are not so at the end
 * of what was written down.
 */
export function equalSince(
  { held, shown }: Evidence,
  wanted: ReadonlyMap<string, string>,
): number | undefined {
  const lines = linesOf(wanted);
  const since = [
    lastingSince(held, (moment) => moment.held !== undefined && isSame(moment.held, wanted)),
    lastingSince(shown, (moment) => isSameSet(moment.lines, lines)),
  ];
  return since.includes(undefined) ? undefined : Math.max(...since.map(Number));
}

/** For how long a key was missing at most, as far as the registry could be read; from `fromMs` on. */
export function missingMs({ held }: Evidence, key: string, fromMs: number): number {
  let [longestMs, sinceMs] = [0, undefined as number | undefined];
  for (const { atMs, held: entries } of held) {
    if (!entries || atMs < fromMs) continue;
    sinceMs = entries.has(key) ? undefined : (sinceMs ?? atMs);
    if (sinceMs !== undefined) longestMs = Math.max(longestMs, atMs - sinceMs);
  }
  return longestMs;
}

/** From when to when somebody else's entry was in the registry, as he knows it. */
export interface Life {
  readonly fromMs: number;
  /** Undefined while it is there, and for what comes and goes with an agent. */
  goneMs: number | undefined;
}

/** How old what is shown may be, in milliseconds. */
export const usualLagMs = 2000;

/** Around a change of the file the registry is looked at for so long, before and after. */
const around = { beforeMs: usualLagMs, afterMs: 500 };

/** A moment at which the registry could be read counts as one next to another within so many milliseconds. */
const nextMs = 250;

/**
 * What was shown though it cannot be: a line that nobody ever wrote, one that comes (again) though the registry
 * does not hold it, and one that goes though the registry goes on holding it. What was shown first is not judged.
 */
export function untruths(
  evidence: Evidence,
  lives: ReadonlyMap<string, Life>,
  lagMs = usualLagMs,
): string[] {
  const [first, ...later] = evidence.shown;
  let before = first?.lines ?? new Set<string>();
  return later.flatMap(({ atMs, lines }) => {
    const [come, gone] = [minus(lines, before), minus(before, lines)];
    before = lines;
    const at = `at ${Math.round(atMs)}`;
    return [
      ...come.flatMap((line) => {
        const why = intrusion(evidence, line, lives.get(line), { atMs, lagMs });
        return why ? [`${line} came ${at}, but ${why}`] : [];
      }),
      ...gone
        .filter((line) => wasPresent(evidence, line, atMs))
        .map((line) => `${line} went ${at}, but the registry went on holding it`),
    ];
  });
}

function minus(some: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...some].filter((line) => !others.has(line));
}

/** What makes it wrong to show a line from a moment on, if anything does. */
function intrusion(
  evidence: Evidence,
  line: string,
  life: Life | undefined,
  { atMs, lagMs }: { readonly atMs: number; readonly lagMs: number },
): string | undefined {
  if (!life || atMs < life.fromMs) return "nobody had written it";
  if (life.goneMs !== undefined) {
    return atMs > life.goneMs + lagMs ? "it had been removed long before" : undefined;
  }
  return wasAbsent(evidence, line, atMs) ? "the registry did not hold it" : undefined;
}

/**
 * Whether the registry could be read all around a moment and never held the line, not even between two readings.
 */
function wasAbsent({ held }: Evidence, line: string, atMs: number): boolean {
  const seen = readings(held, atMs);
  const isWhole = seen.every(({ isNext }) => isNext);
  return isWhole && isReadAt(held, atMs) && seen.every((moment) => !holderOf(moment, line));
}

/** Whether it could be read and held the line all around a moment, not removed and made anew meanwhile. */
function wasPresent({ held }: Evidence, line: string, atMs: number): boolean {
  const seen = readings(held, atMs)
    .filter((moment) => moment.held)
    .map((moment) => holderOf(moment, line)?.made);
  return isReadAt(held, atMs) && !seen.includes(undefined) && new Set(seen).size === 1;
}

/** Whether the registry had answered right before a moment, and was asked again right after it and answered. */
function isReadAt(held: readonly HeldAt[], atMs: number): boolean {
  const before = held.findLast((moment) => moment.atMs <= atMs);
  const after = held.find((moment) => moment.fromMs >= atMs);
  if (!before?.held || !after?.held) return false;
  return atMs - before.atMs < nextMs && after.atMs - atMs < nextMs;
}

function readings(held: readonly HeldAt[], atMs: number): HeldAt[] {
  return held.filter(
    (moment) => moment.atMs >= atMs - around.beforeMs && moment.fromMs <= atMs + around.afterMs,
  );
}

function holderOf(moment: HeldAt, line: string): Held | undefined {
  const key = line.slice(0, line.indexOf(" "));
  const held = moment.held?.get(key);
  return held && lineOf(key, held.value) === line ? held : undefined;
}

function lastingSince<T extends { readonly atMs: number }>(
  moments: readonly T[],
  isRight: (moment: T) => boolean,
): number | undefined {
  const lastWrong = moments.findLastIndex((moment) => !isRight(moment));
  return moments[lastWrong + 1]?.atMs;
}

function isSame(held: ReadonlyMap<string, Held>, wanted: ReadonlyMap<string, string>): boolean {
  return (
    held.size === wanted.size && [...wanted].every(([key, value]) => held.get(key)?.value === value)
  );
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((line) => b.has(line));
}
