import type { Clock } from "../../base/clock.ts";
import { formatDuration } from "../../base/duration.ts";
import type { Applied } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { askMarker } from "./marker.ts";

/** How nginx is told, and how long it may take. */
export interface Telling {
  readonly title: string;
  readonly tell: () => Promise<void>;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Where nginx answers with the generation of its file, and which one that is to be. */
export interface Marker {
  readonly place: string;
  readonly generation: string;
}

/**
 * For how long every answer has to be the new one, in milliseconds. The master lets new and old workers take
 * connections side by side for 100 ms.
 */
const steadyMs = 250;

/** Has an nginx reloaded whose processes cannot be seen, as in another container, by what it answers alone. */
export async function verifyByMarker(
  { title, tell, timeoutMs, clock }: Telling,
  marker: Marker,
  signal: AbortSignal,
): Promise<Applied> {
  await tell();
  let shown: string | undefined;
  let sinceMs: number | undefined;
  const look = async () => {
    shown = await askMarker(marker.place, signal);
    if (shown !== marker.generation) sinceMs = undefined;
    else sinceMs ??= clock.now();
    return sinceMs !== undefined && clock.now() - sinceMs >= steadyMs ? true : undefined;
  };
  if (await poll(look, timeoutMs, clock, signal)) return "reloaded";
  if (shown === undefined) {
    throw faults.PROXY_NOT_RUNNING({ title, why: `nobody answers at its marker ${marker.place}` });
  }
  throw faults.PROXY_REJECTED({ title, words: otherGeneration(marker, shown, timeoutMs) });
}

/** For people: what is in force in place of the file that should be. */
export function otherGeneration(
  { place, generation }: Marker,
  shown: string | undefined,
  timeoutMs: number,
): string {
  const says = shown === undefined ? "does not answer" : `answers ${shown} and not ${generation}`;
  return `${place} ${says} after ${formatDuration(timeoutMs)}; its error log may say why`;
}
