import type {
  Assessment,
  InstanceStatus,
  LoopStatus,
  Observation,
  PresenceStatus,
  Reason,
  ReasonKind,
  TemplateStatus,
  WatchStatus,
} from "./contract.ts";
import { describeCachedSnapshot, describeRetained } from "./describe.ts";
import { reasonKinds, reasonMeanings } from "./reasons.ts";

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
  const byKind = Map.groupBy(distinct(all), ({ kind }) => kind);
  const reasons = reasonKinds.flatMap((kind) => shortList(byKind.get(kind) ?? []));
  return {
    healthy: !reasons.some(({ kind }) => reasonMeanings[kind].isUnhealthy),
    ready: !reasons.some(({ kind }) => reasonMeanings[kind].isUnready),
    degraded: reasons.length > 0,
    reasons,
  };
}

/** Keeps the first reason of each message: several loops may fail for the same cause. */
function distinct(reasons: readonly Reason[]): readonly Reason[] {
  const seen = new Set<string>();
  return reasons.filter(({ message }) => !seen.has(message) && seen.add(message));
}

/** The first reasons of one kind, and one for the others. */
function shortList(reasons: readonly Reason[]): readonly Reason[] {
  const [first, ...others] = reasons.slice(mostOfKind);
  if (!first || others.length === 0) return reasons;
  const count = others.length + 1;
  const { meanwhile, advice } = reasonMeanings[first.kind];
  const rest = { kind: first.kind, message: `${first.kind}: ${count} more`, count };
  return [...reasons.slice(0, mostOfKind), { ...rest, meanwhile, advice }];
}

function reason(
  kind: ReasonKind,
  message: string,
  since?: string,
  more: Partial<Pick<Reason, "meanwhile" | "advice">> = {},
): Reason {
  const { meanwhile, advice } = reasonMeanings[kind];
  return { kind, message, ...(since !== undefined && { since }), meanwhile, advice, ...more };
}

function processReasons({ phase, keyspace }: Observation): readonly Reason[] {
  const { url, reachable, since, fault } = keyspace;
  return [
    ...(phase === "shutting down" ? [reason("shutting down", "sidekick is shutting down")] : []),
    ...(reachable === false
      ? [reason("keyspace unreachable", `${url} is unreachable: ${fault?.message ?? ""}`, since)]
      : []),
  ];
}

function presenceReasons(
  { isComplete, instances, quarantined }: PresenceStatus,
  reachable: boolean | undefined,
): readonly Reason[] {
  return [
    ...(isComplete ? [] : [reason("discovering", "discovery has not completed")]),
    ...instances.flatMap((one) => instanceReasons(one, reachable)),
    ...quarantined.map(({ what, why }) => reason("quarantined", `${what} is quarantined: ${why}`)),
  ];
}

function instanceReasons(
  { name, verdict, since, why, registered, wasRegistered, standbyFor, draining }: InstanceStatus,
  reachable: boolean | undefined,
): readonly Reason[] {
  if (verdict === "down")
    return [reason("instance unhealthy", `${name} is unhealthy: ${why}`, since)];
  if (standbyFor !== undefined) {
    return [reason("standby", `${name} is registered by another agent, session ${standbyFor}`)];
  }
  if (draining) return [];
  if (verdict === "unknown") return [reason("not checked yet", `${name} has not been checked yet`)];
  // After it was registered once, only the keyspace can be the cause, and that has a reason of its own.
  if (registered || (wasRegistered && reachable === false)) return [];
  return wasRegistered
    ? [reason("loop failing", `${name} is healthy, and its entry was lost`, since)]
    : [reason("not registered", `${name} is healthy, and not registered yet`, since)];
}

function watchReasons(
  { templates, cachedSnapshot, retained, quarantined }: WatchStatus,
  at: string,
): readonly Reason[] {
  return [
    ...templates.flatMap(templateReasons),
    ...(cachedSnapshot
      ? [reason("cached snapshot", `using ${describeCachedSnapshot(cachedSnapshot)}`)]
      : []),
    ...retained.map((one) => reason("retained", describeRetained(one, at))),
    ...quarantined.map(({ key, why }) => reason("quarantined", `${key} is quarantined: ${why}`)),
  ];
}

function templateReasons({
  target,
  revision,
  state,
  since,
  why,
  fault,
  unusable,
}: TemplateStatus): readonly Reason[] {
  const failing = () =>
    reason("file failing", `${target} is failing: ${fault?.message ?? ""}`, since, {
      ...(fault?.consequence && { meanwhile: fault.consequence }),
    });
  const isUnverified = revision === undefined && state !== "proxy down";
  return [
    ...(state === "proxy down" ? [reason("proxy down", `${target}: ${why}`, since)] : []),
    ...(isUnverified ? [reason("not in sync yet", `${target} is not in sync yet`, since)] : []),
    ...(fault ? [failing()] : []),
    ...(unusable ? [reason("template unusable", unusable.message, unusable.since)] : []),
    ...(state === "out of sync" ? [reason("out of sync", `${target}: ${why}`, since)] : []),
  ];
}

/** Stalled loops, and the faults that have no reason of their own: of the keyspace, or of a file. */
function loopReasons({ loops, keyspace, watch }: Observation): readonly Reason[] {
  const reported = new Set([
    keyspace.fault?.message,
    ...(watch?.templates ?? []).map(({ fault }) => fault?.message),
  ]);
  return loops.flatMap((loop) => [
    ...(loop.overdueSince === undefined ? [] : [stalled(loop, loop.overdueSince)]),
    ...(loop.fault && !reported.has(loop.fault.message)
      ? [
          reason("loop failing", `${loop.name} is failing: ${loop.fault.message}`, loop.since, {
            meanwhile: loop.fault.consequence ?? "",
          }),
        ]
      : []),
  ]);
}

function stalled({ name }: LoopStatus, overdueSince: string): Reason {
  return reason("stalled", `${name} is stalled, and has missed its deadline`, overdueSince);
}
