import { dateOf, type Moment } from "../base/dates.ts";
import { assess } from "./assess.ts";
import type {
  Assessment,
  DrainStatus,
  InstanceStatus,
  KeyspaceStatus,
  Observation,
  PinStatus,
  PresenceStatus,
  StatusReport,
  TemplateStatus,
  TurnStatus,
  WatchStatus,
} from "./contract.ts";
import type { DestinationStatus, InstanceDestinationStatus } from "./destination-status.ts";
import type {
  DestinationFacts,
  DrainFacts,
  Facts,
  InstanceDestinationFacts,
  InstanceFacts,
  LoopFacts,
  PinFacts,
  PresenceFacts,
  TemplateFacts,
  TurnFacts,
  WatchFacts,
} from "./facts.ts";
import type { LoopStatus } from "./loop-status.ts";

/** The report of these facts at a moment. */
export function report(facts: Facts, moment: Moment): StatusReport {
  const observation = observe(facts, moment);
  return { ...assess(observation), ...observation };
}

/**
 * The report for readers that count: its instances have no dates. Formatting these takes longer than all the rest together, and
 * an agent may have 10 000 instances.
 */
export function undatedReport(facts: Facts, moment: Moment): StatusReport {
  const { presence } = facts;
  if (!presence) return report(facts, moment);
  const observation = observe({ ...facts, presence: undefined }, moment);
  const instances = presence.instances.map((one) =>
    isPlain(one) ? one : instanceStatus(one, undated),
  );
  const status = presenceStatus({ ...presence, instances: [] }, undated);
  const counted = { ...observation, presence: { ...status, instances } };
  return { ...assess(counted), ...counted };
}

/** The facts of an instance to which nothing applies but its configuration are its status without dates: most are, of thousands. */
function isPlain(one: InstanceFacts): one is InstanceFacts & {
  readonly drain?: never;
  readonly requestedWeight?: never;
  readonly destinations?: never;
  readonly proxies?: never;
} {
  const { drain, requestedWeight, destinations, proxies } = one;
  return [drain, requestedWeight, destinations, proxies].every((fact) => fact === undefined);
}

/** Whether it is healthy, which depends on its loops alone: without the lists of instances and files, which may be long. */
export function healthOf(facts: Facts, moment: Moment): Pick<Assessment, "healthy" | "reasons"> {
  return report({ ...facts, presence: undefined, watch: undefined }, moment);
}

/** The date of a time on the clock of the facts. */
type ToDate = (ms: number) => string;

const undated: ToDate = () => "";

/** Thousands of instances have few different times. */
function memoized(toDate: ToDate): ToDate {
  const known = new Map<number, string>();
  return (ms) => {
    const date = known.get(ms) ?? toDate(ms);
    known.set(ms, date);
    return date;
  };
}

function observe(facts: Facts, moment: Moment): Observation {
  const { nowMs } = moment;
  const { version, pid, configuration, startedMs, isShuttingDown } = facts;
  const { keyspace, mounts = [], loops, presence, watch } = facts;
  const at = memoized((ms) => dateOf(ms, moment));
  return {
    version,
    pid,
    configuration,
    at: at(nowMs),
    since: at(startedMs),
    phase: isShuttingDown ? "shutting down" : "running",
    keyspace: keyspaceStatus(keyspace, at),
    ...(mounts.length > 0 && {
      mounts: mounts.map((one) => ({ folder: one.folder, ...keyspaceStatus(one, at) })),
    }),
    ...(presence && { presence: presenceStatus(presence, at) }),
    ...(watch && { watch: watchStatus(watch, at) }),
    loops: loops.map((loop) => loopStatus(loop, nowMs, at)),
  };
}

function loopStatus(
  { name, state, sinceMs, lastMs, dueMs, fault }: LoopFacts,
  nowMs: number,
  at: ToDate,
): LoopStatus {
  return {
    name,
    state,
    since: at(sinceMs),
    last: at(lastMs),
    ...(dueMs !== undefined && nowMs > dueMs && { overdueSince: at(dueMs) }),
    ...(fault && { fault }),
  };
}

/**
 * Unreachable if any follower fails, except one that waits for its turn to list; reachable once every follower that has reported
 * succeeds.
 */
function keyspaceStatus({ url, loops }: Facts["keyspace"], at: ToDate): KeyspaceStatus {
  const failing = loops.filter(({ state }) => state === "failing");
  const deciding = failing.length > 0 ? failing : loops.filter(({ state }) => state === "ok");
  if (deciding.length === 0) return { url };
  const waiting = failing.filter(({ fault }) => fault?.code === listWaits);
  if (waiting.length > 0 && waiting.length === failing.length) {
    const lastMs = Math.min(...waiting.map(({ lastMs }) => lastMs));
    return { url, reachable: true, since: at(lastMs), ...faultOf(waiting) };
  }
  const since = deciding.map(({ sinceMs }) => sinceMs);
  const sinceMs = failing.length > 0 ? Math.min(...since) : Math.max(...since);
  return { url, reachable: failing.length === 0, since: at(sinceMs), ...faultOf(failing) };
}

/** The code of a follower that has reached the keyspace, and waits for its turn to list it. */
const listWaits = "KEYSPACE_LIST_WAITS";

function faultOf(loops: readonly LoopFacts[]): Pick<KeyspaceStatus, "fault"> {
  const fault = loops.at(-1)?.fault;
  return fault ? { fault } : {};
}

function presenceStatus(
  { instances, quarantined, destinations, ...rest }: PresenceFacts,
  at: ToDate,
): PresenceStatus {
  return {
    instances: instances.map((one) => instanceStatus(one, at)),
    ...(destinations && { destinations: destinations.map((one) => destinationStatus(one, at)) }),
    quarantined: quarantined.map((one) => dated(one, at)),
    ...rest,
  };
}

function destinationStatus(
  { name, settings, loop }: DestinationFacts,
  at: ToDate,
): DestinationStatus {
  const { state, sinceMs, fault } = loop;
  return { name, settings, state, since: at(sinceMs), ...(fault && { fault }) };
}

/** With a date in place of a time on the clock of the facts. */
function dated<T extends { readonly sinceMs: number }>({ sinceMs, ...rest }: T, at: ToDate) {
  return { ...rest, since: at(sinceMs) };
}

function instanceStatus(facts: InstanceFacts, at: ToDate): InstanceStatus {
  const { name, verdict, sinceMs, why, registered, wasRegistered, draining } = facts;
  const { standbyFor, drain, requestedWeight, destinations, proxies } = facts;
  const status = { name, verdict, why, registered, wasRegistered, draining };
  return {
    ...status,
    ...(sinceMs !== undefined && { since: at(sinceMs) }),
    ...(standbyFor !== undefined && { standbyFor }),
    ...(drain && { drain: drainStatus(drain, at) }),
    ...(requestedWeight && {
      requestedWeight: { weight: requestedWeight.weight, since: at(requestedWeight.sinceMs) },
    }),
    ...(destinations && { destinations: destinations.map((one) => placeStatus(one, at)) }),
    ...(proxies && { proxies: dated(proxies, at) }),
  };
}

function placeStatus(
  { destination, state, why, sinceMs, isRegistered, isKept }: InstanceDestinationFacts,
  at: ToDate,
): InstanceDestinationStatus {
  return {
    ...{ name: destination, state },
    ...(state !== "unknown" && { since: at(sinceMs) }),
    ...{ why, registered: isRegistered, ...(isKept && { kept: true }) },
  };
}

function drainStatus(
  { reason, sinceMs, untilMs, waitingFor }: DrainFacts,
  at: ToDate,
): DrainStatus {
  return {
    reason,
    since: at(sinceMs),
    ...(Number.isFinite(untilMs) && { until: at(untilMs) }),
    waitingFor,
  };
}

/** The most doubted entries that a report has; the others are counted. */
const mostDoubted = 20;

function watchStatus(
  { templates, quarantined, retained, doubted = [], cachedSnapshot, suspects }: WatchFacts,
  at: ToDate,
): WatchStatus {
  return {
    templates: templates.map((one) => templateStatus(one, at)),
    quarantined: quarantined.map((one) => dated(one, at)),
    retained: retained.map(({ service, retained, live, sinceMs, untilMs }) => ({
      ...{ service, retained, live, since: at(sinceMs) },
      ...(Number.isFinite(untilMs) && { until: at(untilMs) }),
    })),
    ...(doubted.length > 0 && {
      doubted: {
        count: doubted.length,
        entries: doubted.slice(0, mostDoubted).map((one) => dated(one, at)),
      },
    }),
    ...(cachedSnapshot && { cachedSnapshot }),
    ...(suspects && {
      suspects: { count: suspects.count, first: suspects.first.map((one) => dated(one, at)) },
    }),
  };
}

function templateStatus(facts: TemplateFacts, at: ToDate): TemplateStatus {
  const { target, revision, loop, unusable, pinned, turn } = facts;
  const { state, sinceMs, why } = stateOf(facts);
  return {
    target,
    ...(revision !== undefined && { revision }),
    state,
    since: at(sinceMs),
    why,
    ...(loop.fault && { fault: { ...loop.fault, since: at(loop.sinceMs) } }),
    ...(unusable && { unusable: { ...unusable.fault, since: at(unusable.sinceMs) } }),
    ...(pinned && { pinned: pinStatus(pinned, at) }),
    ...(turn && { turn: turnStatus(turn, at) }),
  };
}

function pinStatus({ sinceMs, untilMs, ...rest }: PinFacts, at: ToDate): PinStatus {
  return { ...rest, since: at(sinceMs), until: at(untilMs) };
}

function turnStatus({ group, state, sinceMs, place }: TurnFacts, at: ToDate): TurnStatus {
  return { group, state, since: at(sinceMs), ...(place !== undefined && { place }) };
}

/** The worst of what the loop and the observation of a file show. */
export function stateOf({
  revision,
  loop,
  observed,
}: Pick<TemplateFacts, "revision" | "loop" | "observed">): Pick<TemplateStatus, "state" | "why"> & {
  readonly sinceMs: number;
} {
  if (observed.state === "proxy down") return { ...observed, state: observed.state };
  if (loop.state === "failing") return { state: "failing", sinceMs: loop.sinceMs, why: "" };
  if (revision === undefined) return { state: "unknown", sinceMs: loop.sinceMs, why: "" };
  if (observed.state === "out of sync") return { ...observed, state: observed.state };
  return { state: "in sync", sinceMs: Math.max(loop.sinceMs, observed.sinceMs), why: "" };
}
