import { toSeconds } from "../base/dates.ts";
import { formatDuration } from "../base/duration.ts";
import { ordinal } from "../base/ordinal.ts";
import type {
  CachedSnapshotStatus,
  DrainStatus,
  InstanceStatus,
  PinStatus,
  RetainedStatus,
  TurnStatus,
} from "./contract.ts";

/** How long it is from one date to a later one, `until`; `0ms` if that is over. */
export function restOf(until: string, at: string): string {
  return formatDuration(Math.max(0, Date.parse(until) - Date.parse(at)));
}

/** `web: 8 lost instances are retained by the mass-loss guard for 5s more, 2 left`, at this time (ISO 8601). */
export function describeRetained(
  { service, retained, live, until }: RetainedStatus,
  at: string,
): string {
  const end = until === undefined ? "until it has others" : `for ${restOf(until, at)} more`;
  const lost = retained === 1 ? "1 lost instance is" : `${retained} lost instances are`;
  return `${service}: ${lost} retained by the mass-loss guard ${end}, ${live} left`;
}

/** `/etc/haproxy.cfg is pinned to generation 12 until 2026-01-02T03:04:05Z: the new balance is slow; 2 drains wait for its end`. */
export function describePin(
  target: string,
  { generation, until, reason, drainsWaiting: drains }: PinStatus,
): string {
  const waiting = `; ${drains} ${drains === 1 ? "drain waits" : "drains wait"} for its end`;
  const end = drains > 0 ? waiting : "";
  return `${target} is pinned to generation ${generation} until ${toSeconds(until)}: ${reason}${end}`;
}

/** `waits for its turn to reload, 3rd of group edge` */
export function describeTurn({ group, state, place }: TurnStatus): string {
  if (state === "held") return `has its turn to reload in group ${group}`;
  const where = place === undefined ? "in" : `${ordinal(place)} of`;
  return `waits for its turn to reload, ${where} group ${group}`;
}

/** `the cached snapshot of 2026-01-02T03:04:05.678Z at revision 17`. */
export function describeCachedSnapshot({ savedAt, revision }: CachedSnapshotStatus): string {
  return `the cached snapshot of ${savedAt} at revision ${revision}`;
}

const drainCauses: Readonly<Record<DrainStatus["reason"], string>> = {
  request: "on request",
  stop: "since its container or program is stopped, or it is removed from the configuration",
  shutdown: "since the agent stops",
};

/** `draining on request since 2026-01-02T03:04:05.678Z, for 5s more, waiting for front, edge`, at this time (ISO 8601). */
export function describeDrain(
  { reason, since, until, waitingFor }: DrainStatus,
  { registered }: Pick<InstanceStatus, "registered">,
  at: string,
): string {
  const restMs = until === undefined ? 0 : Date.parse(until) - Date.parse(at);
  return [
    `${registered ? "draining" : "drained"} ${drainCauses[reason]} since ${since}`,
    ...(registered && restMs > 0 ? [`for ${formatDuration(restMs)} more`] : []),
    ...(waitingFor.length > 0 ? [`waiting for ${waitingFor.join(", ")}`] : []),
  ].join(", ");
}
