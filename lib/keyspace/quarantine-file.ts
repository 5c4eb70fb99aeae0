import { readFile } from "node:fs/promises";
import { replaceOwnFile, sweepBeside } from "../base/atomic.ts";
import { type Cell, untilAny } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { Fault, ifSystem, systemCode } from "../base/fault.ts";
import type { FaultReporter } from "../base/fault-reporter.ts";
import type { Log } from "../base/log.ts";
import type { RememberedQuarantine } from "../model/pool.ts";
import { faults } from "./faults.ts";

/** The version of the file format: one JSON document. */
const version = 1;

/** The file is saved at most once in so many milliseconds; after a failure it is tried again after `retryMs`. */
const [restMs, retryMs] = [1000, 60_000];

/** Which entries some files are rendered without, and what to remember of that. */
export interface Remembering {
  /** Identifies the files. */
  readonly name: string;
  readonly quarantine: {
    readonly changes: Cell<number>;
    readonly remembered: RememberedQuarantine;
    restore(remembered: RememberedQuarantine): void;
  };
}

/** The file beside a snapshot cache that remembers quarantined entries; false without a cache. */
export function quarantinePath(cachePath: string | false): string | false {
  return cachePath && `${cachePath}.quarantine`;
}

/** Restores what an earlier process saved. A file that cannot be used is logged and ignored. */
export async function restoreQuarantines(
  path: string | false,
  all: readonly Remembering[],
  log: Log,
): Promise<void> {
  if (path === false) return;
  try {
    // A folder that is missing or closed to this user has nothing to sweep.
    await sweepBeside(path).catch(ifSystem);
    const saved = await read(path);
    for (const { name, quarantine } of all) {
      const remembered = saved.get(name);
      if (remembered) quarantine.restore(remembered);
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warn("snapshot_cache_rejected", error.message, { code: error.code, path });
  }
}

/**
 * Saves the quarantines whenever one of them changes, and with `isUnsaved` at once. A failure is reported and tried again.
 */
export async function saveQuarantines(
  path: string | false,
  all: readonly Remembering[],
  reporter: FaultReporter,
  clock: Clock,
  signal: AbortSignal,
  isUnsaved = false,
): Promise<void> {
  const cells = all.map(({ quarantine }) => quarantine.changes);
  const version = () => cells.reduce((sum, cell) => sum + cell.version, 0);
  for (let seen = isUnsaved ? -1 : version(); ; ) {
    await untilAny(cells, () => version() !== seen, signal);
    seen = version();
    if (path === false) continue;
    let waitMs = restMs;
    try {
      await write(path, all);
      reporter.resolved();
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault)) throw error;
      [seen, waitMs] = [-1, retryMs];
      reporter.report(error, retryMs);
    }
    await clock.sleep(waitMs, signal);
  }
}

async function read(path: string): Promise<ReadonlyMap<string, RememberedQuarantine>> {
  const rejected = (why: string, cause?: unknown) =>
    faults.KEYSPACE_SNAPSHOT_REJECTED({ path, why }, cause);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw rejected("it cannot be read", error);
  });
  if (text === undefined) return new Map();
  let saved: Saved;
  try {
    saved = JSON.parse(text);
  } catch (error) {
    throw rejected("it is damaged", error);
  }
  if (saved?.version !== version) throw rejected("it was written by another version of sidekick");
  return new Map(saved.files);
}

interface Saved {
  readonly version: number;
  readonly files: readonly (readonly [name: string, RememberedQuarantine])[];
}

/** Replaces the file atomically. Only its owner may read it, for keys and messages may be secret. */
async function write(path: string, all: readonly Remembering[]): Promise<void> {
  const files = all.map(({ name, quarantine }) => [name, quarantine.remembered] as const);
  const saved: Saved = { version, files };
  try {
    await replaceOwnFile(path, Buffer.from(JSON.stringify(saved)));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.KEYSPACE_SNAPSHOT_UNWRITABLE({ path }, error);
  }
}
