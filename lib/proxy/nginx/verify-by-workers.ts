import { formatDuration } from "../../base/duration.ts";
import { lastLines } from "../../base/exec.ts";
import { cleanLine } from "../clean-line.ts";
import type { Applied } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { ErrorLog, isFinal } from "./error-log.ts";
import { askMarker } from "./marker.ts";
import { type Marker, type NginxReload, otherGeneration } from "./verify-by-marker.ts";
import { isAnyShuttingDown, isReplaced, servingWorkers } from "./workers.ts";

export interface WorkersReload extends NginxReload {
  /** Throws PROXY_NOT_RUNNING if there is no master. */
  readonly findMaster: () => Promise<number>;
  readonly errorLog: string | undefined;
  readonly marker: Marker | undefined;
}

/**
 * How long the master may take to log an error, in milliseconds, if its old workers are gone and none was seen to shut
 * down: they may have ended because of the reload, or have crashed.
 */
const errorDelayMs = 150;

/**
 * Reloads nginx and waits for its next generation of workers. Without a marker, it is inferred that they run the new
 * file: the master read it after the signal and logged no error. Workers that replace crashed ones do not count as a
 * reload. Throws PROXY_REJECTED, or PROXY_NOT_RUNNING if the master has ended.
 */
export async function verifyByWorkers(
  { title, trigger, timeoutMs, clock, findMaster, errorLog, marker }: WorkersReload,
  master: number,
  signal: AbortSignal,
): Promise<Applied> {
  await using log = await ErrorLog.atEnd(errorLog, master);
  const before = await servingWorkers(master);
  await trigger();
  let answered: string | undefined;
  let isReload = false;
  let replacedMs: number | undefined;
  const observe = async () => {
    isReload ||= await isAnyShuttingDown(before);
    const replaced = isReplaced(before, await servingWorkers(master));
    if ((await log?.emergencies())?.some(isFinal)) return "rejected";
    if (!replaced) return undefined;
    replacedMs ??= clock.now();
    isReload ||= clock.now() - replacedMs >= errorDelayMs;
    if (!marker) return isReload ? "reloaded" : undefined;
    answered = await askMarker(marker.address, signal);
    return answered === marker.generation ? "reloaded" : undefined;
  };
  const outcome = await poll<"reloaded" | "rejected">(observe, timeoutMs, clock, signal);
  if (outcome === "reloaded") return outcome;
  await findMaster();
  // It tries five times to bind a port, and logs each.
  const lines = lastLines(((await log?.emergencies()) ?? []).join("\n"), cleanLine);
  const logged = [...new Set(lines)].join(" | ");
  const isOther = marker && isReplaced(before, await servingWorkers(master));
  const withoutLog = isOther
    ? otherGeneration(marker, answered, timeoutMs)
    : `the same workers still serve after ${formatDuration(timeoutMs)}; see its error log`;
  throw faults.PROXY_REJECTED({ title, reason: logged || withoutLog });
}
