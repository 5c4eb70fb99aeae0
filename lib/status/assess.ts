import type {
  Assessment,
  InstanceStatus,
  KeyspaceStatus,
  Observation,
  PresenceStatus,
  Reason,
  WatchStatus,
} from "./contract.ts";
import { describeCachedSnapshot, describeRetained } from "./describe.ts";
import type { DestinationStatus } from "./destination-status.ts";
import { templateReasons } from "./file-reasons.ts";
import type { FaultStatus, LoopStatus } from "./loop-status.ts";
import { about, type ReasonDraft, reason } from "./reason.ts";
import { reasonKinds, reasonMeanings } from "./reasons.ts";
import type { ReportStatus } from "./suspect-contract.ts";

/** How many reasons of one kind have a message of their own. */
const mostOfKind = 20;

/**
 * Decides whether the agents are healthy, ready and degraded, with the reasons: the worst first, each once. If there are more
 * than 20 of one kind, one reason stands for the others.
 */
export function assess(observation: Observation): Assessment {
  const { presence, watch } = observation;
  const all = [
    ...processReasons(observation),
    ...(presence ? presenceReasons(presence, observation.keyspace.reachable) : []),
    ...(watch ? watchReasons(watch, observation.at) : []),
    ...loopReasons(observation),
  ];
  const byKind = Map.groupBy(all, ({ kind }) => kind);
  const seen = new Set<string>();
  const reasons = reasonKinds.flatMap((kind) => shortList(byKind.get(kind) ?? [], seen));
  return {
    healthy: !reasons.some(({ kind }) => reasonMeanings[kind].isUnhealthy),
    ready: !reasons.some(({ kind }) => reasonMeanings[kind].isUnready),
    degraded: reasons.length > 0,
    reasons,
  };
}

/**
 * The first reasons of one kind, and one for the others. A message that was `seen` is left out: several loops may fail for the
 * same cause.
 */
function shortList(drafts: readonly ReasonDraft[], seen: Set<string>): readonly Reason[] {
  const reasons: Reason[] = [];
  for (const [i, { kind, make }] of drafts.entries()) {
    const count = drafts.length - i;
    if (reasons.length === mostOfKind && count > 1) {
      const { meanwhile, advice } = reasonMeanings[kind];
      return [...reasons, { kind, message: `${kind}: ${count} more`, count, meanwhile, advice }];
    }
    const reason = make();
    if (seen.has(reason.message)) continue;
    seen.add(reason.message);
    reasons.push(reason);
  }
  return reasons;
}

function processReasons({ phase, keyspace, mounts = [] }: Observation): readonly ReasonDraft[] {
  return [
    ...(phase === "shutting down"
      ? [reason("shutting down", () => "sidekick is shutting down")]
      : []),
    ...keyspaceReasons(keyspace.url, keyspace),
    ...mounts.flatMap((one) => keyspaceReasons(`${one.url}, mounted at ${one.folder},`, one)),
  ];
}

function keyspaceReasons(
  name: string,
  { reachable, since, fault }: KeyspaceStatus,
): readonly ReasonDraft[] {
  // A keyspace with a fault that is reachable waits for its turn: of several followers, one that fails makes it unreachable.
  if (reachable && fault) return [reason("waiting to list", () => fault.message, since)];
  if (reachable !== false) return [];
  return [
    reason("keyspace unreachable", about(name, "is unreachable", fault?.message ?? ""), since),
  ];
}

function presenceReasons(
  { isComplete, instances, destinations = [], quarantined, unserved }: PresenceStatus,
  reachable: boolean | undefined,
): readonly ReasonDraft[] {
  const ofInstances: ReasonDraft[] = [];
  for (const one of instances) {
    // Most of thousands have none.
    const some = instanceReasons(one, reachable);
    if (some !== none) ofInstances.push(...some);
    if (destinations.length > 0) ofInstances.push(...destinationReasons(one, destinations));
    if (one.proxies) ofInstances.push(...reportReasons(one, one.proxies));
  }
  return [
    ...(isComplete ? [] : [reason("discovering", () => "discovery has not completed")]),
    ...destinations.flatMap(({ name, since, fault }) =>
      fault ? [reason("destination failing", about(name, "is failing", fault.message), since)] : [],
    ),
    ...ofInstances,
    ...(unserved?.length === 0
      ? [reason("not served yet", () => "it is not known yet whether the instances are served")]
      : []),
    ...(unserved ?? []).map(({ name, why }) =>
      reason("not served yet", () => `${name} is not served yet: ${why}`),
    ),
    ...quarantined.map(({ what, why, since }) =>
      reason("quarantined", () => `${what} is quarantined: ${why}`, since),
    ),
  ];
}

/** One list for thousands of instances. */
const none: readonly ReasonDraft[] = [];

/** A list without items is not made for each of thousands of instances, nor is an object of the rest of its fields. */
const noPlaces: NonNullable<InstanceStatus["destinations"]> = [];

function instanceReasons(
  one: InstanceStatus,
  reachable: boolean | undefined,
): readonly ReasonDraft[] {
  const { name, verdict, since, why, registered, wasRegistered, standbyFor, draining } = one;
  const { destinations = noPlaces } = one;
  if (destinations.some(({ kept }) => kept)) return none;
  if (verdict === "down")
    return [reason("instance unhealthy", () => `${name} is unhealthy: ${why}`, since)];
  if (standbyFor !== undefined) {
    return [
      reason("standby", () => `${name} is registered by another agent, session ${standbyFor}`),
    ];
  }
  if (draining) return [];
  if (verdict === "unknown")
    return [reason("not checked yet", () => `${name} has not been checked yet`)];
  // After it was registered once, only the keyspace can be the cause, and that has a reason of its own.
  if (registered || (wasRegistered && reachable === false)) return none;
  if (destinations.some((place) => !place.registered)) return none;
  return wasRegistered
    ? [reason("loop failing", () => `${name} is healthy, and its entry was lost`, since)]
    : [reason("not registered", () => `${name} is healthy, and not registered yet`, since)];
}

/** What proxies have against an instance whose own checks pass. */
function reportReasons(
  { name, verdict, draining }: InstanceStatus,
  { why, since }: ReportStatus,
): readonly ReasonDraft[] {
  if (verdict !== "up" || draining) return none;
  return [reason("failing at proxies", () => `${name} is healthy, and ${why}`, since)];
}

/** Where an instance is not as it should be in its destinations. A destination that fails has a reason of its own. */
function destinationReasons(
  { name, verdict, why, since, wasRegistered, draining, destinations = [] }: InstanceStatus,
  all: readonly DestinationStatus[],
): readonly ReasonDraft[] {
  if (destinations.length === 0) return none;
  const failing = new Set(all.flatMap((one) => (one.fault ? [one.name] : [])));
  return destinations.flatMap((place) => {
    if (place.kept) {
      const event = `${name} is unhealthy, and the last one that is kept in ${place.name}`;
      return [reason("last one kept", () => `${event}: ${why}`, since)];
    }
    if (verdict !== "up" || draining) return [];
    if (place.state === "failing") {
      const event = `${name} is healthy, and gets no requests from ${place.name}`;
      const message = () => `${event}${place.why && `: ${place.why}`}`;
      return [reason("failing in destination", message, place.since)];
    }
    if (place.registered) return [];
    if (!wasRegistered) {
      const message = () => `${name} is healthy, and not registered in ${place.name} yet`;
      return [reason("not registered", message, since)];
    }
    if (failing.has(place.name)) return [];
    return [
      reason(
        "loop failing",
        () => `${name} is healthy, and its registration in ${place.name} was lost`,
      ),
    ];
  });
}

function watchReasons(
  { templates, cachedSnapshot, retained, quarantined }: WatchStatus,
  at: string,
): readonly ReasonDraft[] {
  return [
    ...templates.flatMap(templateReasons),
    ...(cachedSnapshot
      ? [reason("cached snapshot", () => `using ${describeCachedSnapshot(cachedSnapshot)}`)]
      : []),
    ...retained.map((one) => reason("retained", () => describeRetained(one, at), one.since)),
    ...quarantined.map(({ key, why, since }) =>
      reason("quarantined", () => `${key} is quarantined: ${why}`, since),
    ),
  ];
}

/** Stalled loops, and the faults that have no reason of their own: of the keyspace, or of a file. */
function loopReasons({
  loops,
  keyspace,
  mounts = [],
  presence,
  watch,
}: Observation): readonly ReasonDraft[] {
  const reported = new Set([
    ...(presence?.destinations ?? []).map(({ fault }) => fault?.message),
    keyspace.fault?.message,
    ...mounts.map(({ fault }) => fault?.message),
    ...(watch?.templates ?? []).map(({ fault }) => fault?.message),
  ]);
  return loops.flatMap((loop) => [
    ...(loop.overdueSince === undefined ? [] : [stalled(loop, loop.overdueSince)]),
    ...(loop.fault && !reported.has(loop.fault.message) ? [failing(loop, loop.fault)] : []),
  ]);
}

function failing(
  { name, since }: LoopStatus,
  { message, consequence = "" }: FaultStatus,
): ReasonDraft {
  const more = { meanwhile: consequence };
  return reason("loop failing", () => `${name} is failing: ${message}`, since, more);
}

function stalled({ name }: LoopStatus, overdueSince: string): ReasonDraft {
  return reason("stalled", () => `${name} is stalled, and has missed its deadline`, overdueSince);
}
