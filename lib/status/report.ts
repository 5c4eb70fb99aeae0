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

/** What is so at `nowMs`, on the clock of the facts. */
export function report(facts: Facts, nowMs: number): StatusReport {
  const { version, pid, startedMs, keyspace, loops, presence, watch } = facts;
  return {
    version,
    pid,
    uptimeMs: Math.round(nowMs - startedMs),
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

/** Out of reach as soon as one of those who follow it says so, and in reach once all who have got anywhere do. */
function keyspaceStatus({ url, loops }: Facts["keyspace"], nowMs: number): KeyspaceStatus {
  const failing = loops.filter(({ state }) => state === "fails");
  const telling = failing.length > 0 ? failing : loops.filter(({ state }) => state === "works");
  const since = telling.map(({ sinceMs }) => sinceMs);
  const sinceMs = failing.length > 0 ? Math.min(...since) : Math.max(...since);
  const fault = failing.at(-1)?.fault;
  return {
    url,
    ...(telling.length > 0 && { reachable: failing.length === 0 }),
    forMs: telling.length > 0 ? Math.round(nowMs - sinceMs) : 0,
    ...(fault && { fault }),
  };
}

function watchStatus(
  { templates, quarantined, retained: held, cachedSnapshot: lastGood }: WatchFacts,
  nowMs: number,
): WatchStatus {
  return {
    templates: templates.map(templateStatus),
    quarantined,
    retained: held.map(({ untilMs, ...one }) => ({
      ...one,
      ...(Number.isFinite(untilMs) && { forMs: Math.max(0, Math.round(untilMs - nowMs)) }),
    })),
    ...(lastGood && { cachedSnapshot: lastGood }),
  };
}

function templateStatus({ target, revision, loop }: TemplateFacts): TemplateStatus {
  const { state, fault } = loop;
  const proved = revision === undefined ? "unknown" : "served";
  return {
    target,
    ...(revision !== undefined && { revision }),
    state: state === "fails" ? "failed" : proved,
    ...(fault && { fault }),
  };
}
