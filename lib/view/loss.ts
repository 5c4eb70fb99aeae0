import type { Entry } from "../model/entry.ts";
import type { Endpoint } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { GuardRule, Loss, Peak, RetainedEndpoint } from "./contract.ts";
import { type Difference, difference } from "./difference.ts";

const forEver = Number.POSITIVE_INFINITY;

/** A service in the previous snapshot and in the current one. */
export interface Transition {
  readonly before: readonly Endpoint[];
  readonly after: readonly Endpoint[];
  /** The previous snapshot, with the entries of `before`. */
  readonly snapshot: Snapshot;
  /** Whether files are rendered without an entry. */
  readonly isQuarantined: (entry: Entry) => boolean;
}

/**
 * The recent loss of a service after a transition; undefined if there is none. A loss is measured against the highest
 * number of instances within the last `retainMs`, so that new instances may replace the lost ones. Drained instances
 * (weight 0) do not count as lost. An instance is no longer retained once its key or its address is registered again, nor
 * once enough instances are registered again for the loss to be permitted.
 */
export function updateLoss(
  known: Loss | undefined,
  { before, after, snapshot, isQuarantined }: Transition,
  rule: GuardRule,
  nowMs: number,
): Loss | undefined {
  const { removed, added, changed } = difference(before, after);
  const isServed = ({ key }: Endpoint) => {
    const entry = snapshot.get(key);
    return entry !== undefined && !isQuarantined(entry);
  };
  const leaving = removed.filter(takesRequests);
  const lost = leaving.filter(isServed);
  if (!known && lost.length === 0) return undefined;
  const previous = known ?? { live: countLive(before), peaks: [], retained: [] };
  // A quarantined instance took no requests, like one that was drained.
  const drained = countDrained(changed) + leaving.length - lost.length;
  const undrained = countDrained(changed.map(([old, now]) => [now, old]));
  const live = previous.live - lost.length - drained + undrained + countLive(added);

  const isKept = rule.keepEmpty && live === 0;
  const untilMs = isKept ? forEver : nowMs + rule.retainMs;
  /** Instances that were kept because there were no others get the usual time once there are. */
  const renewed = (ms: number) => (isKept || ms === forEver ? untilMs : ms);

  const latest = { live: previous.live, untilMs };
  const peaks = [...dominant(previous.peaks, latest), latest]
    .map((peak) => ({ live: peak.live - drained, untilMs: renewed(peak.untilMs) }))
    .filter((peak) => peak.live > live && peak.untilMs > nowMs);

  const isPermitted = !isKept && isWithin(rule, peaks[0]?.live ?? live, live);
  const current = new Set([...added, ...changed.map(([, now]) => now)].flatMap(namesOf));
  const isBack = (one: Endpoint) => namesOf(one).some((name) => current.has(name));
  const candidates = [
    ...previous.retained.map((one) => ({ ...one, untilMs: renewed(one.untilMs) })),
    ...lost.flatMap((one) => retain(one, snapshot, untilMs)),
  ];
  const retained = isPermitted
    ? []
    : candidates.filter((one) => {
        return one.untilMs > nowMs && !isBack(one.endpoint) && !isQuarantined(one.entry);
      });
  return peaks.length > 0 || retained.length > 0 ? { live, peaks, retained } : undefined;
}

/** When a loss has to be updated again although nothing has changed, in milliseconds. */
export function dueMs({ peaks, retained }: Loss): number {
  return [...peaks, ...retained].reduce((ms, { untilMs }) => Math.min(ms, untilMs), forEver);
}

/** Whether a rule permits the loss from `before` to `now` instances. */
function isWithin({ min, maxLoss }: GuardRule, before: number, now: number): boolean {
  const lost = before - now;
  return now >= min && (lost <= 1 || lost <= before * maxLoss);
}

/** The peaks above a later number of instances: only they can still be the highest. */
function dominant(peaks: readonly Peak[], later: Peak): readonly Peak[] {
  return peaks.filter(({ live }) => live > later.live);
}

function retain(
  endpoint: Endpoint,
  snapshot: Snapshot,
  untilMs: number,
): readonly RetainedEndpoint[] {
  const entry = snapshot.get(endpoint.key);
  return entry ? [{ endpoint: { ...endpoint, retained: true }, entry, untilMs }] : [];
}

/** The number of endpoints that take requests. */
function countLive(endpoints: readonly Endpoint[]): number {
  let count = 0;
  for (const one of endpoints) if (takesRequests(one)) count += 1;
  return count;
}

/** The number of endpoints that took requests before and do not after. */
function countDrained(changed: Difference["changed"]): number {
  return changed.filter(([before, after]) => takesRequests(before) && !takesRequests(after)).length;
}

/** The names by which an endpoint is recognized within its service. */
function namesOf({ key, address }: Endpoint): readonly string[] {
  return [key, address];
}

function takesRequests({ weight }: Endpoint): boolean {
  return weight > 0;
}
