import { formatDuration } from "../base/duration.ts";
import type {
  CachedSnapshotStatus,
  InstanceStatus,
  RetainedStatus,
  StatusReport,
  WatchStatus,
} from "./contract.ts";

/**
 * The process works: no loop is stalled. An unreachable keyspace and a proxy that rejects its configuration do not count:
 * they are retried, and a restart would not help.
 */
export function isHealthy(report: StatusReport): boolean {
  return stalledLoops(report).length === 0;
}

/** Every healthy instance is registered, and every file was verified to be in sync at least once. */
export function isReady(report: StatusReport): boolean {
  return notReadyReasons(report).length === 0;
}

/** The stalled loops, a sentence each. */
export function stalledLoops({ loops }: StatusReport): readonly string[] {
  return loops.flatMap(({ name, lateMs, agoMs }) =>
    lateMs === undefined
      ? []
      : `${name}: stalled, last report ${formatDuration(agoMs)} ago, overdue by ${formatDuration(lateMs)}`,
  );
}

/** The reasons not to be ready, a sentence each. */
export function notReadyReasons(report: StatusReport): readonly string[] {
  const { phase, presence, watch } = report;
  const instances = presence?.instances ?? [];
  const templates = watch?.templates ?? [];
  return [
    ...(phase === "shutting down" ? ["it is shutting down"] : []),
    ...stalledLoops(report),
    ...(presence?.isComplete === false ? ["discovery has not completed"] : []),
    ...instances
      .filter(isPending)
      .map(({ name, verdict }) =>
        verdict === "unknown"
          ? `${name} has not been checked yet`
          : `${name} is healthy and not registered yet`,
      ),
    ...templates
      .filter(({ revision }) => revision === undefined)
      .map(({ target }) => `${target} is not in sync yet`),
  ];
}

/** It is not registered, although it should be once it is healthy. */
export function isPending({ verdict, registered, draining }: InstanceStatus): boolean {
  return !draining && (verdict === "unknown" || (verdict === "up" && !registered));
}

/** What an operator should know, a sentence each: what fails, what is unhealthy, what is quarantined or retained. */
export function conditions(report: StatusReport): readonly string[] {
  const { keyspace, loops, presence, watch } = report;
  const reported = new Set<string>();
  const isNew = (message: string) => !reported.has(message) && reported.add(message);
  const found: string[] = [];
  if (keyspace.reachable === false) {
    const { message = "" } = keyspace.fault ?? {};
    isNew(message);
    found.push(
      `${keyspace.url} has been unreachable for ${formatDuration(keyspace.forMs)}: ${message}`,
    );
  }
  for (const { name, fault, forMs } of loops) {
    if (!fault || !isNew(fault.message)) continue;
    found.push(`${name} has been failing for ${formatDuration(forMs)}: ${fault.message}`);
  }
  for (const { name, verdict, why } of presence?.instances ?? []) {
    if (verdict === "down") found.push(`${name} is unhealthy: ${why}`);
  }
  for (const { what, why } of presence?.quarantined ?? []) {
    found.push(`${what} is quarantined: ${why}`);
  }
  return [...found, ...(watch ? viewConditions(watch) : [])];
}

/** Where the files are made from more, or less, than the keyspace has. */
function viewConditions({ cachedSnapshot, retained, quarantined }: WatchStatus): readonly string[] {
  return [
    ...(cachedSnapshot ? [`using ${describeCachedSnapshot(cachedSnapshot)}`] : []),
    ...retained.map(describeRetained),
    ...quarantined.map(({ key, why }) => `${key} is quarantined: ${why}`),
  ];
}

/** `web: 8 lost instances are retained by the mass-loss guard for 5s more, 2 left`. */
export function describeRetained({ service, retained, live, forMs }: RetainedStatus): string {
  const until = forMs === undefined ? "until it has others" : `for ${formatDuration(forMs)} more`;
  const lost = retained === 1 ? "1 lost instance is" : `${retained} lost instances are`;
  return `${service}: ${lost} retained by the mass-loss guard ${until}, ${live} left`;
}

/** `the cached snapshot of 2026-01-02T03:04:05.678Z at revision 17`. */
export function describeCachedSnapshot({ savedAt, revision }: CachedSnapshotStatus): string {
  return `the cached snapshot of ${savedAt} at revision ${revision}`;
}
