import type {
  Assessment,
  FaultStatus,
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

/** A reason that is not worded yet: there may be a hundred thousand of them, of which a few are reported. */
interface Draft extends Pick<Reason, "kind"> {
  readonly make: () => Reason;
}

/**
 * The first reasons of one kind, and one for the others. A message that was `seen` is left out: several loops may fail for the
 * same cause.
 */
function shortList(drafts: readonly Draft[], seen: Set<string>): readonly Reason[] {
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

function reason(
  kind: ReasonKind,
  message: () => string,
  since?: string,
  more: Partial<Pick<Reason, "meanwhile" | "advice">> = {},
): Draft {
  const make = () => {
    const { meanwhile, advice } = reasonMeanings[kind];
    const at = since !== undefined && { since };
    return { kind, message: message(), ...at, meanwhile, advice, ...more };
  };
  return { kind, make };
}

function processReasons({ phase, keyspace }: Observation): readonly Draft[] {
  const { url, reachable, since, fault } = keyspace;
  return [
    ...(phase === "shutting down"
      ? [reason("shutting down", () => "sidekick is shutting down")]
      : []),
    ...(reachable === false
      ? [
          reason(
            "keyspace unreachable",
            () => `${url} is unreachable: ${fault?.message ?? ""}`,
            since,
          ),
        ]
      : []),
  ];
}

function presenceReasons(
  { isComplete, instances, quarantined }: PresenceStatus,
  reachable: boolean | undefined,
): readonly Draft[] {
  return [
    ...(isComplete ? [] : [reason("discovering", () => "discovery has not completed")]),
    ...instances.flatMap((one) => instanceReasons(one, reachable)),
    ...quarantined.map(({ what, why }) =>
      reason("quarantined", () => `${what} is quarantined: ${why}`),
    ),
  ];
}

function instanceReasons(
  { name, verdict, since, why, registered, wasRegistered, standbyFor, draining }: InstanceStatus,
  reachable: boolean | undefined,
): readonly Draft[] {
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
  if (registered || (wasRegistered && reachable === false)) return [];
  return wasRegistered
    ? [reason("loop failing", () => `${name} is healthy, and its entry was lost`, since)]
    : [reason("not registered", () => `${name} is healthy, and not registered yet`, since)];
}

function watchReasons(
  { templates, cachedSnapshot, retained, quarantined }: WatchStatus,
  at: string,
): readonly Draft[] {
  return [
    ...templates.flatMap(templateReasons),
    ...(cachedSnapshot
      ? [reason("cached snapshot", () => `using ${describeCachedSnapshot(cachedSnapshot)}`)]
      : []),
    ...retained.map((one) => reason("retained", () => describeRetained(one, at))),
    ...quarantined.map(({ key, why }) =>
      reason("quarantined", () => `${key} is quarantined: ${why}`),
    ),
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
}: TemplateStatus): readonly Draft[] {
  const failing = () =>
    reason("file failing", () => `${target} is failing: ${fault?.message ?? ""}`, since, {
      ...(fault?.consequence && { meanwhile: fault.consequence }),
    });
  const isUnverified = revision === undefined && state !== "proxy down";
  return [
    ...(state === "proxy down" ? [reason("proxy down", () => `${target}: ${why}`, since)] : []),
    ...(isUnverified
      ? [reason("not in sync yet", () => `${target} is not in sync yet`, since)]
      : []),
    ...(fault ? [failing()] : []),
    ...(unusable ? [reason("template unusable", () => unusable.message, unusable.since)] : []),
    ...(state === "out of sync" ? [reason("out of sync", () => `${target}: ${why}`, since)] : []),
  ];
}

/** Stalled loops, and the faults that have no reason of their own: of the keyspace, or of a file. */
function loopReasons({ loops, keyspace, watch }: Observation): readonly Draft[] {
  const reported = new Set([
    keyspace.fault?.message,
    ...(watch?.templates ?? []).map(({ fault }) => fault?.message),
  ]);
  return loops.flatMap((loop) => [
    ...(loop.overdueSince === undefined ? [] : [stalled(loop, loop.overdueSince)]),
    ...(loop.fault && !reported.has(loop.fault.message) ? [failing(loop, loop.fault)] : []),
  ]);
}

function failing({ name, since }: LoopStatus, { message, consequence = "" }: FaultStatus): Draft {
  const more = { meanwhile: consequence };
  return reason("loop failing", () => `${name} is failing: ${message}`, since, more);
}

function stalled({ name }: LoopStatus, overdueSince: string): Draft {
  return reason("stalled", () => `${name} is stalled, and has missed its deadline`, overdueSince);
}
