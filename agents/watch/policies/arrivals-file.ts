import { readFile } from "node:fs/promises";
import { replaceOwnFile, sweepBeside } from "../../../lib/base/atomic.ts";
import type { Cell } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import { Fault, ifSystem, systemCode } from "../../../lib/base/fault.ts";
import type { FaultReporter } from "../../../lib/base/fault-reporter.ts";
import type { NewSince } from "../../../lib/view/policies/arrival-tracker.ts";
import { faults } from "../../faults.ts";

/** The file is written once in this time at the most, and after a failure again in the other one, in milliseconds. */
const [restMs, retryMs] = [1000, 60_000];

/** By service and key, since when instances are new, in milliseconds since 1970. */
type Saved = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The file beside a snapshot cache that has the new instances; false without a cache. */
export function arrivalsPath(cachePath: string | false): string | false {
  return cachePath && `${cachePath}.arrivals`;
}

/** The instances that were new at the end of an earlier process. A file that is missing or cannot be used counts as empty. */
export async function readArrivals(path: string | false, clock: Clock): Promise<NewSince> {
  if (path === false) return new Map();
  try {
    await sweepBeside(path).catch(ifSystem);
    const saved: Saved = JSON.parse(await readFile(path, "utf8"));
    const [nowMs, wallMs] = [clock.now(), Date.now()];
    const sinceMs = (ms: unknown) => nowMs - Math.max(0, wallMs - Number(ms));
    const services = Object.entries(saved ?? {}).map(([name, keys]) => {
      const valid = Object.entries(keys ?? {}).filter(([, ms]) => Number.isFinite(ms));
      return [name, new Map(valid.map(([key, ms]) => [key, sinceMs(ms)]))] as const;
    });
    return new Map(services);
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return new Map();
    throw error;
  }
}

/** Saves the new instances whenever they have changed. A failure is reported and tried again. */
export async function saveArrivals(
  path: string | false,
  newSince: Cell<NewSince> | undefined,
  reporter: FaultReporter,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (path === false || !newSince) return;
  for (let seen = 0; ; ) {
    await newSince.newer(seen, signal);
    const { value, version } = newSince;
    let waitMs = restMs;
    try {
      await write(path, value, clock);
      seen = version;
      reporter.resolved();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      waitMs = retryMs;
      reporter.report(error, retryMs);
    }
    await clock.sleep(waitMs, signal);
  }
}

async function write(path: string, newSince: NewSince, clock: Clock): Promise<void> {
  const offsetMs = Date.now() - clock.now();
  const saved = Array.from(newSince, ([name, keys]) => {
    return [name, Object.fromEntries(Array.from(keys, ([key, ms]) => [key, ms + offsetMs]))];
  });
  try {
    await replaceOwnFile(path, Buffer.from(JSON.stringify(Object.fromEntries(saved))));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.AGENT_ARRIVALS_UNWRITABLE({ path }, error);
  }
}
