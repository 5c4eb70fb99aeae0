import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { replaceOwnFile, sweepBeside } from "../base/atomic.ts";
import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { Fault, systemCode } from "../base/fault.ts";
import type { FaultReporter } from "../base/fault-reporter.ts";
import type { Resolution } from "../model/resolution.ts";
import type { KnownAddresses } from "./contract.ts";
import { faults } from "./faults.ts";

/** The file is written once in this time at the most, and after a failure again in the other one, in milliseconds. */
const [restMs, retryMs] = [5000, 60_000];

/** Reads the addresses that an earlier process saved. A file that is missing or cannot be used counts as empty. */
export async function readNames(path: string | false): Promise<KnownAddresses> {
  if (path === false) return new Map();
  try {
    await sweepBeside(path);
    const parsed: unknown = JSON.parse(await readFile(path, "utf8"));
    return new Map(Object.entries(parsed as object).filter(isKnown));
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return new Map();
    throw error;
  }
}

function isKnown(entry: [string, unknown]): entry is [string, readonly string[]] {
  const [, addresses] = entry;
  return Array.isArray(addresses) && addresses.length > 0 && addresses.every((one) => isIP(one));
}

/** Saves the known addresses some time after they have changed. A failure is reported and tried again. */
export async function saveNames(
  path: string | false,
  resolution: Cell<Resolution>,
  reporter: FaultReporter,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let [seen, waitMs] = [0, restMs];
  for (;;) {
    await resolution.newer(seen, signal);
    await clock.sleep(waitMs, signal);
    if (path === false) {
      seen = resolution.version;
      continue;
    }
    try {
      const { value, version } = resolution;
      await write(path, value);
      [seen, waitMs] = [version, restMs];
      reporter.resolved();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      waitMs = retryMs;
      reporter.report(error, retryMs);
    }
  }
}

async function write(path: string, resolution: Resolution): Promise<void> {
  const known: Record<string, readonly string[]> = Object.create(null);
  for (const [host, resolved] of resolution) {
    if ("addresses" in resolved) known[host] = resolved.addresses;
  }
  try {
    await replaceOwnFile(path, Buffer.from(JSON.stringify(known)));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.RESOLVE_CACHE_UNWRITABLE({ path }, error);
  }
}
