import type {
  Facts,
  KeyspaceStatus,
  LoopFacts,
  LoopStatus,
  StatusReport,
  TemplateFacts,
  TemplateStatus,
  WatchFacts,
  WatchStatus,
} from "./contract.ts";

/** The report of these facts at `nowMs`, on the clock of the facts. */
export function report(facts: Facts, nowMs: number): StatusReport {
  const { version, pid, startedMs, isShuttingDown, keyspace, loops, presence, watch } = facts;
  return {
    version,
    pid,
    uptimeMs: Math.round(nowMs - startedMs),
    phase: isShuttingDown ? "shutting down" : "running",
    keyspace: keyspaceStatus(keyspace, nowMs),
    ...(presence && { presence }),
    ...(watch && { watch: watchStatus(watch, nowMs) }),
    loops: loops.map((loop) => loopStatus(loop, nowMs)),
  };
}

function loopStatus(
  { name, state, sinceMs, lastMs, dueMs, fault }: LoopFacts,
  nowMs: number,
): LoopStatus {
  return {
    name,
    state,
    forMs: Math.round(nowMs - sinceMs),
    agoMs: Math.round(nowMs - lastMs),
    ...(dueMs !== undefined && nowMs > dueMs && { lateMs: Math.round(nowMs - dueMs) }),
    ...(fault && { fault }),
  };
}

/** Unreachable if any follower fails; reachable once every follower that has reported succeeds. */
function keyspaceStatus({ url, loops }: Facts["keyspace"], nowMs: number): KeyspaceStatus {
  const failing = loops.filter(({ state }) => state === "failing");
  const deciding = failing.length > 0 ? failing : loops.filter(({ state }) => state === "ok");
  const since = deciding.map(({ sinceMs }) => sinceMs);
  const sinceMs = failing.length > 0 ? Math.min(...since) : Math.max(...since);
  const fault = failing.at(-1)?.fault;
  return {
    url,
    ...(deciding.length > 0 && { reachable: failing.length === 0 }),
    forMs: deciding.length > 0 ? Math.round(nowMs - sinceMs) : 0,
    ...(fault && { fault }),
  };
}

function watchStatus(
  { templates, quarantined, retained, cachedSnapshot }: WatchFacts,
  nowMs: number,
): WatchStatus {
  return {
    templates: templates.map(templateStatus),
    quarantined,
    retained: retained.map(({ service, retained, live, untilMs }) => ({
      ...{ service, retained, live },
      ...(Number.isFinite(untilMs) && { forMs: Math.max(0, Math.round(untilMs - nowMs)) }),
    })),
    ...(cachedSnapshot && { cachedSnapshot }),
  };
}

function templateStatus({ target, revision, loop }: TemplateFacts): TemplateStatus {
  const { state, fault } = loop;
  const verified = revision === undefined ? "unknown" : "in sync";
  return {
    target,
    ...(revision !== undefined && { revision }),
    state: state === "failing" ? "failing" : verified,
    ...(fault && { fault }),
  };
}
