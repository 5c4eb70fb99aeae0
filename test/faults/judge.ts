import { lineOf, linesOf } from "./model.ts";
import type { FileSample, StoreSample } from "./record.ts";
import type { StoredEntry } from "./store.ts";

/** The samples of store and file during a fault and after it. Times are in milliseconds of one clock. */
export interface Evidence {
  readonly store: readonly StoreSample[];
  readonly file: readonly FileSample[];
}

/** Since when store and file have been as desired without interruption. Undefined if the last samples are not. */
export function equalSince(
  { store, file }: Evidence,
  desired: ReadonlyMap<string, string>,
): number | undefined {
  const lines = linesOf(desired);
  const since = [
    lastingSince(store, ({ entries }) => entries !== undefined && isSame(entries, desired)),
    lastingSince(file, (sample) => isSameSet(sample.lines, lines)),
  ];
  return since.includes(undefined) ? undefined : Math.max(...since.map(Number));
}

/** The longest time after `fromMs` for which a key was missing in the store, as far as the store could be read. */
export function missingMs({ store }: Evidence, key: string, fromMs: number): number {
  let [longestMs, sinceMs] = [0, undefined as number | undefined];
  for (const { atMs, entries } of store) {
    if (!entries || atMs < fromMs) continue;
    sinceMs = entries.has(key) ? undefined : (sinceMs ?? atMs);
    if (sinceMs !== undefined) longestMs = Math.max(longestMs, atMs - sinceMs);
  }
  return longestMs;
}

/** The time during which an entry was in the store. */
export interface Lifetime {
  readonly fromMs: number;
  /** Undefined while the entry exists, and for entries of an agent. */
  removedMs: number | undefined;
}

/** The default maximum age of the state in the file, in milliseconds. */
export const usualLagMs = 2000;

/** The time before and after a change of the file in which the store is compared with it, in milliseconds. */
const around = { beforeMs: usualLagMs, afterMs: 500 };

/** The maximum time between a change of the file and the next sample of the store, in milliseconds. */
const adjacentMs = 250;

/**
 * The invalid changes of the file: a line that was never written, a line that is added while the store does not have its
 * entry, and a line that is removed while the store has its entry. The first sample of the file is not judged.
 */
export function violations(
  evidence: Evidence,
  lifetimes: ReadonlyMap<string, Lifetime>,
  lagMs = usualLagMs,
): string[] {
  const [first, ...later] = evidence.file;
  let before = first?.lines ?? new Set<string>();
  return later.flatMap(({ atMs, lines }) => {
    const [added, removed] = [minus(lines, before), minus(before, lines)];
    before = lines;
    const at = `at ${Math.round(atMs)}`;
    return [
      ...added.flatMap((line) => {
        const why = invalidBecause(evidence, line, lifetimes.get(line), { atMs, lagMs });
        return why ? [`${line} was added ${at}, but ${why}`] : [];
      }),
      ...removed
        .filter((line) => wasPresent(evidence, line, atMs))
        .map((line) => `${line} was removed ${at}, but the store still had its entry`),
    ];
  });
}

function minus(some: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...some].filter((line) => !others.has(line));
}

/** The reason why a line must not be added at a moment; undefined if it may be. */
function invalidBecause(
  evidence: Evidence,
  line: string,
  lifetime: Lifetime | undefined,
  { atMs, lagMs }: { readonly atMs: number; readonly lagMs: number },
): string | undefined {
  if (!lifetime || atMs < lifetime.fromMs) return "it was never written";
  if (lifetime.removedMs !== undefined) {
    return atMs > lifetime.removedMs + lagMs ? "it had been removed long before" : undefined;
  }
  return wasAbsent(evidence, line, atMs) ? "the store did not have its entry" : undefined;
}

/** Whether the store could be read around a moment and never had the entry, not even between two samples. */
function wasAbsent({ store }: Evidence, line: string, atMs: number): boolean {
  const samples = samplesAround(store, atMs);
  const isComplete = samples.every(({ isContinuous }) => isContinuous);
  return isComplete && isSampledAt(store, atMs) && samples.every((one) => !entryOf(one, line));
}

/** Whether the store could be read around a moment and always had the entry, not removed and created again. */
function wasPresent({ store }: Evidence, line: string, atMs: number): boolean {
  const created = samplesAround(store, atMs)
    .filter(({ entries }) => entries)
    .map((sample) => entryOf(sample, line)?.created);
  return isSampledAt(store, atMs) && !created.includes(undefined) && new Set(created).size === 1;
}

/** Whether the store answered right before a moment, and answered a request right after it. */
function isSampledAt(store: readonly StoreSample[], atMs: number): boolean {
  const before = store.findLast((sample) => sample.atMs <= atMs);
  const after = store.find((sample) => sample.fromMs >= atMs);
  if (!before?.entries || !after?.entries) return false;
  return atMs - before.atMs < adjacentMs && after.atMs - atMs < adjacentMs;
}

function samplesAround(store: readonly StoreSample[], atMs: number): StoreSample[] {
  return store.filter(
    (sample) => sample.atMs >= atMs - around.beforeMs && sample.fromMs <= atMs + around.afterMs,
  );
}

function entryOf({ entries }: StoreSample, line: string): StoredEntry | undefined {
  const key = line.slice(0, line.indexOf(" "));
  const entry = entries?.get(key);
  return entry && lineOf(key, entry.value) === line ? entry : undefined;
}

function lastingSince<T extends { readonly atMs: number }>(
  samples: readonly T[],
  isExpected: (sample: T) => boolean,
): number | undefined {
  const lastOther = samples.findLastIndex((sample) => !isExpected(sample));
  return samples[lastOther + 1]?.atMs;
}

function isSame(
  entries: ReadonlyMap<string, StoredEntry>,
  desired: ReadonlyMap<string, string>,
): boolean {
  return (
    entries.size === desired.size &&
    [...desired].every(([key, value]) => entries.get(key)?.value === value)
  );
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((line) => b.has(line));
}
