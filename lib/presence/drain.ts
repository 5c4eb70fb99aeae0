import { type Format, hasWeights } from "../model/encode.ts";
import type { Entry } from "../model/entry.ts";
import type { Instance } from "../model/instance.ts";
import type {
  Draining,
  DrainReason,
  InstanceDrain,
  Present,
  PresentInstances,
  Requested,
} from "./contract.ts";
import { nameOf } from "./roster.ts";
import { weightOf, withWeight } from "./weight.ts";

/**
 * The instances to register at `nowMs`. Skips instances that discovery reports down, and instances with a drain that has
 * ended. A draining instance has weight 0, or is skipped if the format has no weights; others have the requested weight, if
 * there is one. Unchanged instances keep their identity.
 */
export function toRegister(
  present: readonly Present[],
  { draining, weights }: Requested,
  nowMs: number,
  format: Format,
): readonly Instance[] {
  return present.flatMap((one) => {
    const { instance, standing } = one;
    if (standing.state === "down") return [];
    const drain = drainOf(one, draining);
    if (drain === undefined) return [withWeight(instance, weightOf(one, weights)?.weight)];
    return drain.untilMs > nowMs && hasWeights(format) ? [withWeight(instance, 0)] : [];
  });
}

/**
 * The drain of an instance; undefined if there is none, or if it does not apply any more: the instance is another run than the
 * one that was drained, or discovery reports that it does not stop after all.
 */
export function drainOf(
  { instance, standing, run }: Present,
  draining: Draining,
): InstanceDrain | undefined {
  const drain = draining.get(nameOf(instance));
  if (drain === undefined || drain.reason === "shutdown") return drain;
  const applies = drain.run === run && (drain.reason === "request" || standing.state !== "up");
  return applies ? drain : undefined;
}

/** The time at which the next drain ends; undefined if none is pending. */
export function nextDeadlineMs(draining: Draining, nowMs: number): number | undefined {
  const all = Array.from(draining.values(), ({ untilMs }) => untilMs);
  const pending = all.filter((ms) => ms > nowMs && Number.isFinite(ms));
  return pending.length > 0 ? Math.min(...pending) : undefined;
}

/**
 * The drains after a discovery: the ones that still apply, and for the next `drainDelayMs` those of instances that discovery
 * now reports as draining. Until discovery is complete, those of instances that are still to be found are kept.
 */
export function drainingAfter(
  before: Draining,
  { found, isComplete }: PresentInstances,
  drainDelayMs: number,
  nowMs: number,
): Draining {
  const after = new Map(isComplete ? [] : before);
  for (const one of found) {
    const name = nameOf(one.instance);
    const known = drainOf(one, before);
    if (known !== undefined) after.set(name, known);
    else if (one.standing.state === "draining") {
      after.set(name, drainFor(one, "stop", { sinceMs: nowMs, untilMs: nowMs + drainDelayMs }));
    } else after.delete(name);
  }
  return after;
}

/**
 * The drains after a request, or at the shutdown. Instances that are not present are skipped; an earlier deadline stays, and
 * so does the begin of a drain for the same reason.
 */
export function drainingWith(
  before: Draining,
  present: readonly Present[],
  reason: Exclude<DrainReason, "stop">,
  { sinceMs, untilMs }: Pick<InstanceDrain, "sinceMs" | "untilMs">,
): Draining {
  const after = new Map(before);
  for (const one of present) {
    const known = drainOf(one, before);
    const strongest = known?.reason === "shutdown" ? known.reason : reason;
    const time = {
      sinceMs: known?.reason === strongest ? known.sinceMs : sinceMs,
      untilMs: Math.min(known?.untilMs ?? untilMs, untilMs),
    };
    after.set(nameOf(one.instance), drainFor(one, strongest, time));
  }
  return after;
}

/** The drains without those that were requested of these instances. */
export function drainingWithout(before: Draining, names: readonly string[]): Draining {
  const after = new Map(before);
  for (const name of names) if (before.get(name)?.reason === "request") after.delete(name);
  return after;
}

/**
 * Whether the shutdown has given an instance up at once, as one that another agent holds: nothing of it is drained. So is one
 * with a drain that had ended before.
 */
export function isGivenUp({ reason, sinceMs, untilMs }: InstanceDrain): boolean {
  return reason === "shutdown" && untilMs <= sinceMs;
}

/** Whether the shutdown leaves an instance to the agent that holds its entry: it goes on there. */
export function isLeftToOther({ reason, sinceMs, untilMs }: InstanceDrain): boolean {
  return reason === "shutdown" && untilMs === sinceMs;
}

/** The drains that were requested. */
export function requestedIn(draining: Draining): Draining {
  return new Map([...draining].filter(([, { reason }]) => reason === "request"));
}

function drainFor(
  { run }: Present,
  reason: DrainReason,
  { sinceMs, untilMs }: Pick<InstanceDrain, "sinceMs" | "untilMs">,
): InstanceDrain {
  return { reason, ...(run !== undefined && { run }), sinceMs, untilMs };
}

/** The draining instances with weight 0 in the keyspace. */
export interface MarkedEntries {
  /** The revision of each entry with weight 0, by its key in the store. */
  readonly revisions: ReadonlyMap<string, string>;
  /** Whether every desired entry of them has weight 0 in the keyspace. */
  readonly isComplete: boolean;
}

/**
 * Compares the entries of draining instances: a key counts once its observed entry is the desired one, with weight 0.
 * `storeKeyOf` has the key in the store.
 */
export function markedAt(
  keys: readonly string[],
  desired: ReadonlyMap<string, string>,
  observed: Pick<ReadonlyMap<string, Entry>, "get"> | undefined,
  storeKeyOf: (key: string) => string = (key) => key,
): MarkedEntries {
  const registered = keys.filter((key) => desired.has(key));
  const revisions = registered.flatMap((key) => {
    const storeKey = storeKeyOf(key);
    const [value, entry] = [desired.get(key), observed?.get(storeKey)];
    const isMarked = entry?.value === value && hasWeightZero(value);
    return isMarked && entry ? [[storeKey, entry.revision] as const] : [];
  });
  return { revisions: new Map(revisions), isComplete: revisions.length === registered.length };
}

/** An entry that is an address (format `address`), or one of registrator, has no weight. */
function hasWeightZero(value = ""): boolean {
  return value.startsWith("{") && (JSON.parse(value) as { readonly weight?: number }).weight === 0;
}
