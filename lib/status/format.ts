import { formatDuration } from "../base/duration.ts";
import { printable } from "../base/printable.ts";
import {
  conditions,
  describeCachedSnapshot,
  describeRetained,
  notReadyReasons,
  stalledLoops,
} from "./conditions.ts";
import type { InstanceStatus, KeyspaceStatus, LoopStatus, StatusReport } from "./contract.ts";

/** A report for people: the first line has the state of the whole, and the worst reason for it. */
export function formatReport(report: StatusReport): string {
  const { keyspace, presence, watch, loops } = report;
  const lines = [
    headline(report),
    `${readiness(report)}; up for ${formatDuration(report.uptimeMs)}`,
    `keyspace    ${formatKeyspace(keyspace)}`,
    ...(watch?.cachedSnapshot
      ? [`using       ${describeCachedSnapshot(watch.cachedSnapshot)}`]
      : []),
    ...(presence?.instances ?? []).map((one) => `instance    ${one.name} ${formatInstance(one)}`),
    ...(presence?.quarantined ?? []).map(({ what, why }) => `quarantined ${what}: ${why}`),
    ...(watch?.templates ?? []).map(({ target, state, revision, fault }) => {
      const verified = revision === undefined ? "" : `, verified at revision ${revision}`;
      return `file        ${target} ${state}${verified}${fault ? `: ${fault.message}` : ""}`;
    }),
    ...(watch?.quarantined ?? []).map(
      ({ key, revision, why }) => `quarantined ${key} (revision ${revision}): ${why}`,
    ),
    ...(watch?.retained ?? []).map((one) => `retained    ${describeRetained(one)}`),
    ...loops.map((loop) => `loop        ${loop.name} ${formatLoop(loop)}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** The state of the whole, in one line. */
export function headline(report: StatusReport): string {
  const name = `sidekick ${report.version}`;
  const [stalled, found] = [stalledLoops(report), conditions(report)];
  const reasons = [...stalled, ...found];
  const counts = formatCounts(report);
  const summary = reasons.length > 0 ? shortened(reasons) : counts;
  return printable(`${name} is ${stateOf(report, stalled, found)}${summary && `: ${summary}`}`);
}

function stateOf(
  { phase }: StatusReport,
  stalled: readonly string[],
  found: readonly string[],
): string {
  if (stalled.length > 0) return "unhealthy";
  if (phase === "shutting down") return "shutting down";
  return found.length > 0 ? "degraded" : "healthy";
}

/** Whether it is ready, in one line. */
export function readiness(report: StatusReport): string {
  const reasons = notReadyReasons(report);
  return printable(reasons.length === 0 ? "ready" : `not ready: ${shortened(reasons)}`);
}

/** The first of several sentences, and the number of the others. */
function shortened([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first}; and ${others.length} more`;
}

function formatCounts({ phase, presence, watch }: StatusReport): string {
  const instances = presence?.instances ?? [];
  const registered = instances.filter((one) => one.registered).length;
  const draining = instances.filter((one) => one.draining && one.registered).length;
  const inSync = watch?.templates.filter(({ state }) => state === "in sync").length;
  const parts = [
    presence && phase === "running" && `${registered} of ${instances.length} instances registered`,
    presence &&
      phase === "shutting down" &&
      `${draining} of ${instances.length} instances draining`,
    watch && `${inSync} of ${watch.templates.length} files in sync`,
  ];
  return parts.filter((part) => typeof part === "string").join(", ");
}

function formatKeyspace({ url, reachable, forMs, fault }: KeyspaceStatus): string {
  if (reachable === undefined) return `${url} has not been reached yet`;
  const state = reachable ? "reachable" : "unreachable";
  return `${url} ${state} for ${formatDuration(forMs)}${fault ? `: ${fault.message}` : ""}`;
}

const adjectives = { up: "healthy", down: "unhealthy", unknown: "not checked yet" } as const;

function formatInstance({ verdict, why, registered, draining }: InstanceStatus): string {
  const parts = [
    adjectives[verdict],
    ...(draining ? ["draining"] : []),
    registered ? "registered" : "not registered",
  ];
  return `${parts.join(", ")}${why && `: ${why}`}`;
}

function formatLoop({ state, agoMs, lateMs, fault }: LoopStatus): string {
  const reported = state === "unknown" ? "has not reported yet" : state;
  const late = lateMs === undefined ? "" : `, overdue by ${formatDuration(lateMs)}`;
  const ago = state === "unknown" ? "" : `, last ${formatDuration(agoMs)} ago`;
  return `${reported}${ago}${late}${fault ? `: ${fault.message}` : ""}`;
}
