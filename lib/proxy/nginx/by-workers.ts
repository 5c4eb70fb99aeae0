import { formatDuration } from "../../base/duration.ts";
import { lastLines } from "../../base/exec.ts";
import { cleanLine } from "../clean-line.ts";
import type { Applied } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { type Marker, otherGeneration, type Telling } from "./by-marker.ts";
import { ErrorLog, isFinal } from "./error-log.ts";
import { askMarker } from "./marker.ts";
import { isAnyLeaving, isReplaced, servingWorkers } from "./workers.ts";

export interface WorkersWay extends Telling {
  /** Throws PROXY_NOT_RUNNING where there is no master any more. */
  readonly masterOf: () => Promise<number>;
  readonly errorLog: string | undefined;
  readonly marker: Marker | undefined;
}

/**
 * How long the master may take to complain, in milliseconds, where its old workers are gone without a trace: they
 * may have ended in good order, or have crashed.
 */
const complaintMs = 150;

/**
 * Has the master told, and waits for its next generation of workers. Without a marker, that they run this
 * very file is concluded: the master read it after it was told, and has not complained. Workers that the
 * master had to start anew because others crashed are not taken for those of a reload that it refused.
 */
export async function verifyByWorkers(
  { title, tell, timeoutMs, clock, masterOf, errorLog, marker }: WorkersWay,
  master: number,
  signal: AbortSignal,
): Promise<Applied> {
  await using log = await ErrorLog.atEnd(errorLog, master);
  const before = await servingWorkers(master);
  await tell();
  let shown: string | undefined;
  let [isReload, replacedMs] = [false, undefined as number | undefined];
  const look = async () => {
    isReload ||= await isAnyLeaving(before);
    const replaced = isReplaced(before, await servingWorkers(master));
    if ((await log?.emergencies())?.some(isFinal)) return "refused";
    if (!replaced) return undefined;
    replacedMs ??= clock.now();
    isReload ||= clock.now() - replacedMs >= complaintMs;
    if (!marker) return isReload ? "reloaded" : undefined;
    shown = await askMarker(marker.place, signal);
    return shown === marker.generation ? "reloaded" : undefined;
  };
  const outcome = await poll<"reloaded" | "refused">(look, timeoutMs, clock, signal);
  if (outcome === "reloaded") return outcome;
  await masterOf();
  const said = lastLines(((await log?.emergencies()) ?? []).join("\n"), cleanLine).join(" | ");
  const isOther = marker && isReplaced(before, await servingWorkers(master));
  const silent = isOther
    ? otherGeneration(marker, shown, timeoutMs)
    : `the same workers still serve after ${formatDuration(timeoutMs)}; its error log says why`;
  throw faults.PROXY_REJECTED({ title, words: said || silent });
}
