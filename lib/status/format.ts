import { formatDuration } from "../base/duration.ts";
import {
  conditions,
  describeCachedSnapshot,
  describeRetained,
  notReadyReasons,
  stalledLoops,
} from "./conditions.ts";
import type { InstanceStatus, KeyspaceStatus, LoopStatus, StatusReport } from "./contract.ts";

/** A report as a person reads it, in lines: the first one says whether all is well, and if not, why. */
export function formatReport(report: StatusReport): string {
  const { keyspace, presence, watch, loops } = report;
  const lines = [
    headline(report),
    `${readiness(report)}; up for ${formatDuration(report.uptimeMs)}`,
    `keyspace  ${keyspaceWords(keyspace)}`,
    ...(watch?.cachedSnapshot ? [`in force  ${describeCachedSnapshot(watch.cachedSnapshot)}`] : []),
    ...(presence?.instances ?? []).map((one) => `instance  ${one.name} ${instanceWords(one)}`),
    ...(presence?.quarantined ?? []).map(({ what, why }) => `left out  ${what}: ${why}`),
    ...(watch?.templates ?? []).map(({ target, state, revision, fault }) => {
      const proved = revision === undefined ? "" : `, in force at revision ${revision}`;
      return `file      ${target} ${state}${proved}${fault ? `: ${fault.message}` : ""}`;
    }),
    ...(watch?.quarantined ?? []).map(
      ({ key, revision, why }) => `left out  ${key} (revision ${revision}): ${why}`,
    ),
    ...(watch?.retained ?? []).map((one) => `held      ${describeRetained(one)}`),
    ...loops.map((loop) => `loop      ${loop.name} ${loopWords(loop)}`),
  ];
  return lines.map((line) => `${oneLine(line)}\n`).join("");
}

/** Whether all is well, in one line. */
export function headline(report: StatusReport): string {
  const who = `sidekick ${report.version}`;
  const [hangs, found] = [stalledLoops(report), conditions(report)];
  if (hangs.length > 0) return oneLine(`${who} is not well: ${shortened([...hangs, ...found])}`);
  if (found.length > 0) return oneLine(`${who} works, but ${shortened(found)}`);
  const counted = tally(report);
  return oneLine(`${who} is well${counted && `: ${counted}`}`);
}

/** Whether it is ready, in one line. */
export function readiness(report: StatusReport): string {
  const lacks = notReadyReasons(report);
  return oneLine(lacks.length === 0 ? "ready" : `not ready: ${shortened(lacks)}`);
}

/** The first of several things, and how many there are beside it. */
function shortened([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first}; and ${others.length} more`;
}

function tally({ presence, watch }: StatusReport): string {
  const announced = presence?.instances.filter((one) => one.registered).length;
  const served = watch?.templates.filter(({ state }) => state === "served").length;
  const parts = [
    presence && `${announced} of ${presence.instances.length} instances announced`,
    watch && `${served} of ${watch.templates.length} files in force`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function keyspaceWords({ url, reachable, forMs, fault }: KeyspaceStatus): string {
  if (reachable === undefined) return `${url} was not reached yet`;
  const state = reachable ? "in reach" : "out of reach";
  return `${url} ${state} for ${formatDuration(forMs)}${fault ? `: ${fault.message}` : ""}`;
}

function instanceWords({ verdict, why, registered: announced, draining }: InstanceStatus): string {
  const state = verdict === "unknown" ? "not checked yet" : verdict;
  const told = announced ? "announced" : "not announced";
  return `${state}, ${draining ? "draining, " : ""}${told}${why && `: ${why}`}`;
}

function loopWords({ state, agoMs, lateMs, fault }: LoopStatus): string {
  const says = state === "unknown" ? "has not come round yet" : state;
  const late = lateMs === undefined ? "" : `, late by ${formatDuration(lateMs)}`;
  const ago = state === "unknown" ? "" : `, last ${formatDuration(agoMs)} ago`;
  return `${says}${ago}${late}${fault ? `: ${fault.message}` : ""}`;
}

/** Without line ends and whatever else would steer a terminal: some of it comes from elsewhere. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
