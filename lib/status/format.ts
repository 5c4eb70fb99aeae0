import { formatDuration } from "../base/duration.ts";
import { andMore } from "../base/excerpt.ts";
import { printable } from "../base/printable.ts";
import {
  conditions,
  describeCachedSnapshot,
  describeRetained,
  notReadyReasons,
  stalledLoops,
} from "./conditions.ts";
import type {
  InstanceStatus,
  KeyspaceStatus,
  LoopStatus,
  OmittedStatus,
  StatusReport,
} from "./contract.ts";

/** A report for people: the first line has the state of the whole, and the worst reason for it. */
export function formatReport(report: StatusReport): string {
  const { keyspace, presence, watch, loops, omitted } = report;
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
    ...(omitted ? [`omitted     ${formatOmitted(omitted)}`] : []),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** The state of the whole, in one line. */
export function headline(report: StatusReport): string {
  const name = `sidekick ${report.version}`;
  const [stalled, found] = [stalledLoops(report), conditions(report)];
  const reasons = [...stalled, ...found];
  const counts = formatCounts(report);
  const { quarantined = 0, retained = 0 } = report.omitted ?? {};
  const summary = reasons.length > 0 ? shortened(reasons, quarantined + retained) : counts;
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

/** The first of several sentences, and the number of the others. `omitted` more are not in the report. */
function shortened(reasons: readonly string[], omitted = 0): string {
  return andMore(reasons.slice(0, 1), reasons.length + omitted);
}

function formatCounts({ phase, presence, watch, omitted }: StatusReport): string {
  const instances = presence?.instances ?? [];
  const all = instances.length + (omitted?.instances ?? 0);
  const registered = instances.filter((one) => one.registered).length + (omitted?.registered ?? 0);
  const draining =
    instances.filter((one) => one.draining && one.registered).length + (omitted?.draining ?? 0);
  const templates = watch?.templates ?? [];
  const files = templates.length + (omitted?.templates ?? 0);
  const inSync =
    templates.filter(({ state }) => state === "in sync").length + (omitted?.inSync ?? 0);
  const parts = [
    presence && phase === "running" && `${registered} of ${all} instances registered`,
    presence && phase === "shutting down" && `${draining} of ${all} instances draining`,
    watch && `${inSync} of ${files} files in sync`,
  ];
  return parts.filter((part) => typeof part === "string").join(", ");
}

function formatOmitted(omitted: OmittedStatus): string {
  const { instances, quarantined, retained, templates, loops } = omitted;
  const counts = Object.entries({ instances, quarantined, retained, files: templates, loops });
  return counts.flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : [])).join(", ");
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
