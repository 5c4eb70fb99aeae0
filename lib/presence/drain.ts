import type { Format } from "../model/encode.ts";
import type { Entry } from "../model/entry.ts";
import type { Instance } from "../model/instance.ts";
import type { Draining, Present } from "./contract.ts";
import { nameOf } from "./roster.ts";

/**
 * The instances to register at `nowMs`. Skips instances that discovery reports down, and instances with a drain that has
 * ended. A draining instance has weight 0, or is skipped if the format has no weights. Unchanged instances keep their identity.
 */
export function toRegister(
  present: readonly Present[],
  draining: Draining,
  nowMs: number,
  format: Format,
): readonly Instance[] {
  return present.flatMap(({ instance, standing }) => {
    if (standing.state === "down") return [];
    const untilMs = draining.get(nameOf(instance));
    if (untilMs === undefined) return [instance];
    return untilMs > nowMs && format === "json" ? [withWeightZero(instance)] : [];
  });
}

/** The time at which the next drain ends; undefined if none is pending. */
export function nextDeadlineMs(draining: Draining, nowMs: number): number | undefined {
  const pending = [...draining.values()].filter((ms) => ms > nowMs && Number.isFinite(ms));
  return pending.length > 0 ? Math.min(...pending) : undefined;
}

/**
 * The draining instances after a discovery: present ones that were draining before, and for the next `drainDelayMs` the
 * ones that discovery now reports as draining.
 */
export function drainingAfter(
  before: Draining,
  present: readonly Present[],
  drainDelayMs: number,
  nowMs: number,
): Draining {
  const after = new Map<string, number>();
  for (const { instance, standing } of present) {
    const name = nameOf(instance);
    const untilMs = before.get(name);
    if (untilMs !== undefined) after.set(name, untilMs);
    else if (standing.state === "draining") after.set(name, nowMs + drainDelayMs);
  }
  return after;
}

/** The draining instances with weight 0 in the keyspace. */
export interface MarkedEntries {
  /** The revision of each entry with weight 0, by key. */
  readonly revisions: ReadonlyMap<string, string>;
  /** Whether every desired entry of them has weight 0 in the keyspace. */
  readonly isComplete: boolean;
}

/** Compares the entries of draining instances: a key counts once its observed entry is the desired one, with weight 0. */
export function markedAt(
  keys: readonly string[],
  desired: ReadonlyMap<string, string>,
  observed: Pick<ReadonlyMap<string, Entry>, "get"> | undefined,
): MarkedEntries {
  const registered = keys.filter((key) => desired.has(key));
  const revisions = registered.flatMap((key) => {
    const [value, entry] = [desired.get(key), observed?.get(key)];
    const isMarked = entry?.value === value && hasWeightZero(value);
    return isMarked && entry ? [[key, entry.revision] as const] : [];
  });
  return { revisions: new Map(revisions), isComplete: revisions.length === registered.length };
}

/** An entry that is an address (format `address`) has no weight. */
function hasWeightZero(value = ""): boolean {
  return value.startsWith("{") && (JSON.parse(value) as { readonly weight?: number }).weight === 0;
}

/** Draining instances keep their identity from one call to the next. */
const drained = new WeakMap<Instance, Instance>();

function withWeightZero(instance: Instance): Instance {
  const known = drained.get(instance) ?? { ...instance, weight: 0 };
  drained.set(instance, known);
  return known;
}
