import type { Clock } from "../../base/clock.ts";
import { formatDuration } from "../../base/duration.ts";
import type { Applied } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { askMarker } from "./marker.ts";

/** How nginx is reloaded. */
export interface NginxReload {
  readonly title: string;
  /** Signals the master or runs the reload command. */
  readonly trigger: () => Promise<void>;
  /** The time limit until the reload is verified, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** The address at which nginx answers with the generation of its file, and the generation that it should answer with. */
export interface Marker {
  readonly address: string;
  readonly generation: string;
}

/**
 * For how long every answer has to be the new generation, in milliseconds. The master lets new and old workers accept
 * connections side by side for 100 ms.
 */
const steadyMs = 250;

/**
 * Reloads an nginx with processes that are not visible, such as in another container, and verifies the reload by the
 * marker alone. Throws PROXY_NOT_RUNNING if the marker does not answer at the time limit, or else PROXY_REJECTED.
 */
export async function verifyByMarker(
  { title, trigger, timeoutMs, clock }: NginxReload,
  marker: Marker,
  signal: AbortSignal,
): Promise<Applied> {
  await trigger();
  let answered: string | undefined;
  let sinceMs: number | undefined;
  const isSteady = async () => {
    answered = await askMarker(marker.address, signal);
    if (answered !== marker.generation) sinceMs = undefined;
    else sinceMs ??= clock.now();
    return sinceMs !== undefined && clock.now() - sinceMs >= steadyMs ? true : undefined;
  };
  if (await poll(isSteady, timeoutMs, clock, signal)) return "reloaded";
  if (answered === undefined) {
    const reason = `its marker ${marker.address} does not answer`;
    throw faults.PROXY_NOT_RUNNING({ title, reason, isKnown: false });
  }
  throw faults.PROXY_REJECTED({ title, reason: otherGeneration(marker, answered, timeoutMs) });
}

/** Why the reload counts as rejected: the marker still answers with another generation, or not at all. */
export function otherGeneration(
  { address, generation }: Marker,
  answered: string | undefined,
  timeoutMs: number,
): string {
  const answer =
    answered === undefined ? "does not answer" : `answers ${answered} and not ${generation}`;
  return `${address} ${answer} after ${formatDuration(timeoutMs)}; see its error log`;
}
