import type { Endpoint } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { GuardRule, Loss, Peak, RetainedEndpoint } from "./contract.ts";
import { type Difference, difference } from "./difference.ts";

const forEver = Number.POSITIVE_INFINITY;

/** A service as it was said to be last, and as it is now. */
export interface Transition {
  readonly before: readonly Endpoint[];
  readonly after: readonly Endpoint[];
  /** Where the entries of `before` are. */
  readonly snapshot: Snapshot;
}

/**
 * What a service has lost of late, and which of that is held; undefined where there is nothing to remember. It is
 * measured by the most that it had within the last `holdMs`, so that others may take the place of those that went.
 * What took no requests when it went had said that it would go: that is no loss. What comes back, under its key or
 * at its address, is held no longer; nor is anything once so many are there again that the loss can be believed.
 */
export function updateLoss(
  known: Loss | undefined,
  { before, after, snapshot }: Transition,
  rule: GuardRule,
  nowMs: number,
): Loss | undefined {
  const { removed: gone, added: come, changed } = difference(before, after);
  const lost = gone.filter(takesRequests);
  if (!known && lost.length === 0) return undefined;
  const loss = known ?? { live: liveOf(before), peaks: [], retained: [] };
  const drained = drainedOf(changed);
  const begun = drainedOf(changed.map(([old, now]) => [now, old]));
  const live = loss.live - lost.length - drained + begun + liveOf(come);

  const isKept = rule.keepEmpty && live === 0;
  const untilMs = isKept ? forEver : nowMs + rule.retainMs;
  /** What was kept for want of others has the usual time from when there are some. */
  const until = (ms: number) => (isKept || ms === forEver ? untilMs : ms);

  const was = { live: loss.live, untilMs };
  const peaks = [...dominant(loss.peaks, was), was]
    .map((peak) => ({ live: peak.live - drained, untilMs: until(peak.untilMs) }))
    .filter((peak) => peak.live > live && peak.untilMs > nowMs);

  const here = new Set([...come, ...changed.map(([, now]) => now)].flatMap(namesOf));
  const isBack = (one: Endpoint) => namesOf(one).some((name) => here.has(name));
  const standing = loss.retained.map((one) => ({ ...one, untilMs: until(one.untilMs) }));
  const retained = [...standing, ...lost.flatMap((one) => hold(one, snapshot, untilMs))].filter(
    (one) => one.untilMs > nowMs && !isBack(one.endpoint),
  );
  const isHeld = isKept || isTooMuch(peaks[0]?.live ?? live, live, rule);
  const keeps = isHeld && retained.length > 0;
  return peaks.length > 0 || keeps ? { live, peaks, retained: keeps ? retained : [] } : undefined;
}

/** When a loss has to be looked at again. */
export function dueMs({ peaks, retained }: Loss): number {
  return [...peaks, ...retained].reduce((ms, { untilMs }) => Math.min(ms, untilMs), forEver);
}

function isTooMuch(before: number, now: number, { min, maxLoss }: GuardRule): boolean {
  const lost = before - now;
  return now < min || (lost > 1 && lost > before * maxLoss);
}

/** Those that had more than a later one: only they can still be the most. */
function dominant(peaks: readonly Peak[], later: Peak): readonly Peak[] {
  return peaks.filter(({ live }) => live > later.live);
}

function hold(
  endpoint: Endpoint,
  snapshot: Snapshot,
  untilMs: number,
): readonly RetainedEndpoint[] {
  const entry = snapshot.get(endpoint.key);
  return entry ? [{ endpoint: { ...endpoint, retained: true }, entry, untilMs }] : [];
}

/** How many take requests. */
function liveOf(endpoints: readonly Endpoint[]): number {
  let count = 0;
  for (const one of endpoints) if (takesRequests(one)) count += 1;
  return count;
}

/** How many took requests and do so no more. */
function drainedOf(changed: Difference["changed"]): number {
  return changed.filter(([before, after]) => takesRequests(before) && !takesRequests(after)).length;
}

/** What tells it from all others of its service: its key, and its address. */
function namesOf({ key, address }: Endpoint): readonly string[] {
  return [key, address];
}

function takesRequests({ weight }: Endpoint): boolean {
  return weight > 0;
}
