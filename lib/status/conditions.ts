import { formatDuration } from "../base/duration.ts";
import type {
  CachedSnapshotStatus,
  InstanceStatus,
  RetainedStatus,
  StatusReport,
  WatchStatus,
} from "./contract.ts";

/**
 * Alive and working: every loop has come round when it had to. A store that is out of reach and a proxy that
 * refuses are no reason to be unhealthy: they are being dealt with, and starting anew would help neither.
 */
export function isHealthy(report: StatusReport): boolean {
  return stalledLoops(report).length === 0;
}

/** All that is up is announced, and what every file should say was proved to be in force once. */
export function isReady(report: StatusReport): boolean {
  return notReadyReasons(report).length === 0;
}

/** What hangs, in words. */
export function stalledLoops({ loops }: StatusReport): readonly string[] {
  return loops.flatMap(({ name, lateMs, agoMs }) =>
    lateMs === undefined
      ? []
      : `${name} hangs: last heard of ${formatDuration(agoMs)} ago, and late by ${formatDuration(lateMs)}`,
  );
}

/** What it takes to be ready and is not so yet, in words. */
export function notReadyReasons(report: StatusReport): readonly string[] {
  const { presence, watch } = report;
  const instances = presence?.instances ?? [];
  const templates = watch?.templates ?? [];
  return [
    ...stalledLoops(report),
    ...(presence?.isComplete === false ? ["who is here was not found out yet"] : []),
    ...instances
      .filter(isUntold)
      .map(({ name, verdict }) =>
        verdict === "unknown"
          ? `${name} was not checked yet`
          : `${name} is up and not announced yet`,
      ),
    ...templates
      .filter(({ revision }) => revision === undefined)
      .map(({ target }) => `${target} is not in force yet`),
  ];
}

function isUntold({ verdict, registered: announced, draining }: InstanceStatus): boolean {
  return !draining && (verdict === "unknown" || (verdict === "up" && !announced));
}

/** What an operator should know of, in words: what fails, what is down, what is left out. */
export function conditions(report: StatusReport): readonly string[] {
  const { keyspace, loops, presence, watch } = report;
  const said = new Set<string>();
  const once = (message: string) => !said.has(message) && said.add(message);
  const found: string[] = [];
  if (keyspace.reachable === false) {
    const { message = "" } = keyspace.fault ?? {};
    once(message);
    found.push(`${keyspace.url} is out of reach for ${formatDuration(keyspace.forMs)}: ${message}`);
  }
  for (const { name, fault, forMs } of loops) {
    if (!fault || !once(fault.message)) continue;
    found.push(`${name} fails for ${formatDuration(forMs)}: ${fault.message}`);
  }
  for (const { name, verdict, why } of presence?.instances ?? []) {
    if (verdict === "down") found.push(`${name} is down: ${why}`);
  }
  for (const { what, why } of presence?.quarantined ?? [])
    found.push(`${what} is left out: ${why}`);
  return [...found, ...(watch ? doubts(watch) : [])];
}

/** Where what is shown is not all that the keyspace says, or more. */
function doubts({
  cachedSnapshot: lastGood,
  retained: held,
  quarantined,
}: WatchStatus): readonly string[] {
  return [
    ...(lastGood ? [`${describeCachedSnapshot(lastGood)} is in force`] : []),
    ...held.map(describeRetained),
    ...quarantined.map(({ key, why }) => `${key} is left out: ${why}`),
  ];
}

/** A service that is shown with what it has lost, in words. */
export function describeRetained({
  service,
  retained: held,
  live: left,
  forMs,
}: RetainedStatus): string {
  const until = forMs === undefined ? "until it has others" : `for ${formatDuration(forMs)} more`;
  return `${service} has ${left} left and is shown with ${held} that it has lost, ${until}`;
}

/** What stands in for a keyspace that is out of reach, in words. */
export function describeCachedSnapshot({ savedAt, revision }: CachedSnapshotStatus): string {
  return `what was last known of the keyspace, as of ${savedAt} at revision ${revision}`;
}
