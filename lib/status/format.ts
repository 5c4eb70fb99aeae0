import { toSeconds } from "../base/dates.ts";
import { formatDuration } from "../base/duration.ts";
import { printable, printableLines } from "../base/printable.ts";
import { describeSuspect } from "../model/suspects-entry.ts";
import type {
  InstanceStatus,
  KeyspaceStatus,
  OmittedStatus,
  Reason,
  StatusReport,
  TemplateStatus,
  WatchStatus,
} from "./contract.ts";
import {
  describeCachedSnapshot,
  describeDrain,
  describeRetained,
  describeTurn,
} from "./describe.ts";
import type { DestinationStatus, InstanceDestinationStatus } from "./destination-status.ts";
import type { LoopStatus } from "./loop-status.ts";
import { countOf } from "./reasons.ts";
import type { ReportStatus } from "./suspect-contract.ts";

/**
 * A report for people: the first line has the state of the whole and the worst reason for it, the next ones the other
 * reasons, and then comes everything else.
 */
export function formatReport(report: StatusReport): string {
  const { at, since, keyspace, mounts = [], presence, watch, loops, reasons, omitted } = report;
  const ago = (time: string) => formatDuration(Date.parse(at) - Date.parse(time));
  const lines = [
    headline(report),
    ...reasons.slice(1).map((one) => `reason      ${formatReason(one, ago)}`),
    `${readiness(report)}; up for ${ago(since)}`,
    `keyspace    ${formatKeyspace(keyspace, ago)}`,
    ...mounts.map((one) => `mounted     ${one.folder} ${formatKeyspace(one, ago)}`),
    ...(watch?.cachedSnapshot
      ? [`using       ${describeCachedSnapshot(watch.cachedSnapshot)}`]
      : []),
    ...(presence?.destinations ?? []).map((one) => `destination ${formatDestination(one, ago)}`),
    ...(presence?.instances ?? []).flatMap((one) => [
      `instance    ${one.name} ${formatInstance(one, at, ago)}`,
      ...(one.destinations ?? []).map((place) => `            ${formatPlace(place, ago)}`),
      ...(one.proxies ? [`            ${formatReported(one.proxies, ago)}`] : []),
    ]),
    ...(presence?.quarantined ?? []).map(({ what, why }) => `quarantined ${what}: ${why}`),
    ...(watch?.templates ?? []).map((one) => `file        ${formatTemplate(one, ago)}`),
    ...(watch?.quarantined ?? []).map(
      ({ key, revision, why }) => `quarantined ${key} (revision ${revision}): ${why}`,
    ),
    ...(watch?.retained ?? []).map((one) => `retained    ${describeRetained(one, at)}`),
    ...doubtLines(watch?.doubted),
    ...(watch?.suspects ? formatSuspects(watch.suspects, ago) : []),
    ...loops.map((loop) => `loop        ${loop.name} ${formatLoop(loop, ago)}`),
    ...(omitted ? [`omitted     ${formatOmitted(omitted)}`] : []),
  ];
  return printableLines(lines);
}

function doubtLines(doubted: WatchStatus["doubted"]): readonly string[] {
  if (!doubted) return [];
  const { count, entries } = doubted;
  const lines = entries.map(
    ({ key, revision, why }) => `doubted     ${key} (revision ${revision}): ${why}`,
  );
  const more = count > entries.length ? [`doubted     ${count - entries.length} more`] : [];
  return [...lines, ...more, "advice      watch.trust can refuse doubted entries: docs/trust.md"];
}

/** For how long something has been so. */
type Ago = (time: string) => string;

/** The state of the whole, in one line, with the worst reason for it. */
export function headline(report: StatusReport): string {
  const ago = (time: string) => formatDuration(Date.parse(report.at) - Date.parse(time));
  return summary(report, (one) => formatReason(one, ago));
}

/** The headline without what changes with time, for a place that is written whenever it changes. */
export function steadyHeadline(report: StatusReport): string {
  const event = ({ message, since }: Reason) =>
    since === undefined ? message : `${message}, since ${toSeconds(since)}`;
  return summary(report, event);
}

function summary(report: StatusReport, format: (reason: Reason) => string): string {
  const [worst, ...others] = report.reasons;
  const more = countOf(others) + (report.omitted?.reasons ?? 0);
  const rest = more > 0 ? `; and ${more} more` : "";
  const detail = worst ? `${format(worst)}${rest}` : formatCounts(report);
  return printable(`sidekick ${report.version} is ${stateOf(report)}${detail && `: ${detail}`}`);
}

function stateOf({ phase, healthy, ready, degraded }: StatusReport): string {
  if (!healthy) return "unhealthy";
  if (phase === "shutting down") return "shutting down";
  if (!degraded) return "healthy";
  return ready ? "degraded" : "degraded and not ready";
}

/** The sentence of a reason: the event, for how long, what is served meanwhile, and what to do. */
function formatReason({ message, since, meanwhile, advice }: Reason, ago: Ago): string {
  const event =
    since === undefined ? message : `${message} (for ${ago(since)}, since ${toSeconds(since)})`;
  return [event, meanwhile, advice].filter(Boolean).join("; ");
}

/** Whether it is healthy and ready, in one line. */
export function readiness({ healthy, ready }: StatusReport): string {
  return `${healthy ? "healthy" : "unhealthy"}, ${ready ? "ready" : "not ready"}`;
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
  const { reasons, instances, quarantined, retained, templates, loops } = omitted;
  const counts = Object.entries({
    reasons,
    instances,
    quarantined,
    retained,
    files: templates,
    loops,
  });
  return counts.flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : [])).join(", ");
}

function formatKeyspace({ url, reachable, since, fault }: KeyspaceStatus, ago: Ago): string {
  if (url === "none:") return "none: instances are registered in destinations only";
  if (reachable === undefined || since === undefined) return `${url} has not been reached yet`;
  const state = reachable ? "reachable" : "unreachable";
  return `${url} ${state} for ${ago(since)}${fault ? `: ${fault.message}` : ""}`;
}

function formatDestination(
  { name, state, since, fault, settings }: DestinationStatus,
  ago: Ago,
): string {
  const states = { unknown: "has not been asked yet", ok: "reachable", failing: "failing" };
  const duration = state === "unknown" ? "" : ` for ${ago(since)}`;
  const detail = fault ? `: ${fault.message}` : "";
  return `${name} ${states[state]}${duration}${settings.length > 0 ? ` (${settings.join(", ")})` : ""}${detail}`;
}

/** `elb/front serving for 3m`. */
export function formatPlace(
  { name, state, since, why, kept }: InstanceDestinationStatus,
  ago: Ago,
): string {
  const duration = since === undefined ? "" : ` for ${ago(since)}`;
  const last = kept ? ", kept as the last one" : "";
  return `${name} ${state}${duration}${last}${why && `: ${why}`}`;
}

/** `3 of 4 proxies cannot connect to it (…); they use 10.0.0.1:80, … (for 20s)`. */
export function formatReported({ why, since }: ReportStatus, ago: Ago): string {
  return `${why} (for ${ago(since)})`;
}

const adjectives = { up: "healthy", down: "unhealthy", unknown: "not checked yet" } as const;

export function formatInstance(instance: InstanceStatus, at: string, ago: Ago): string {
  const { verdict, since, why, registered, standbyFor, drain, requestedWeight } = instance;
  const parts = [
    `${adjectives[verdict]}${since === undefined ? "" : ` for ${ago(since)}`}`,
    ...(drain ? [describeDrain(drain, instance, at)] : []),
    ...(requestedWeight
      ? [`weight ${requestedWeight.weight} on request since ${requestedWeight.since}`]
      : []),
    standbyFor === undefined
      ? registered
        ? "registered"
        : "not registered"
      : `standby for ${standbyFor}`,
  ];
  return `${parts.join(", ")}${why && `: ${why}`}`;
}

export function formatTemplate(
  { target, state, since, revision, why, fault, unusable, turn }: TemplateStatus,
  ago: Ago,
): string {
  const verified = revision === undefined ? "" : `, last verified at revision ${revision}`;
  const causes = [why, fault?.message, unusable?.message].filter(Boolean).join("; ");
  const queued = turn ? `, ${describeTurn(turn)} for ${ago(turn.since)}` : "";
  return `${target} ${state} for ${ago(since)}${verified}${queued}${causes && `: ${causes}`}`;
}

/** `suspect     /services/web/a: haproxy (master /run/haproxy/master.sock) cannot connect to it (for 20s)`. */
function formatSuspects(
  { count, first }: NonNullable<WatchStatus["suspects"]>,
  ago: Ago,
): readonly string[] {
  const more = count - first.length;
  return [
    ...first.map(({ key, by, since, ...one }) => {
      return `suspect     ${key}: ${by} ${describeSuspect(one, 1)} (for ${ago(since)})`;
    }),
    ...(more > 0 ? [`suspect     ${more} more`] : []),
  ];
}

function formatLoop({ state, last, overdueSince, fault }: LoopStatus, ago: Ago): string {
  const reported = state === "unknown" ? "has not reported yet" : state;
  const late = overdueSince === undefined ? "" : `, overdue by ${ago(overdueSince)}`;
  const latest = state === "unknown" ? "" : `, last ${ago(last)} ago`;
  return `${reported}${latest}${late}${fault ? `: ${fault.message}` : ""}`;
}
