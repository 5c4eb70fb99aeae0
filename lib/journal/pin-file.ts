import { readFile } from "node:fs/promises";
import { replaceOwnFile } from "../base/atomic.ts";
import { systemCode } from "../base/fault.ts";
import { faults } from "./faults.ts";

/** The version of the file format: one JSON document. */
const version = 1;

/** A pin as it is saved, with its texts: the journal may have dropped them since. */
export interface SavedPin {
  /** The names of the templates. */
  readonly group: string;
  readonly n: number;
  /** The revision of the keyspace that the texts were rendered from. */
  readonly revision: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly until: string;
  /** In milliseconds: a clock that was set back does not make it longer. */
  readonly forMs: number;
  /** By target. */
  readonly texts: Readonly<Record<string, string>>;
  /** The addresses of instances that were drained meanwhile; absent in a file of an earlier version. */
  readonly drained?: readonly string[];
}

/** The file of the pins beside a snapshot cache; false without a cache. */
export function pinPath(cachePath: string | false): string | false {
  return cachePath && `${cachePath}.pins`;
}

/** The pins that an earlier process has saved; none without a file. Throws JOURNAL_PINS_REJECTED. */
export async function readPins(path: string): Promise<readonly SavedPin[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    if (systemCode(error) === undefined) throw error;
    throw faults.JOURNAL_PINS_REJECTED({ path, why: "it cannot be read" }, error);
  });
  if (text === undefined) return [];
  const saved = parse(text, path);
  if (saved?.version !== version || !Array.isArray(saved.pins)) {
    const why = "it was written by another version of sidekick";
    throw faults.JOURNAL_PINS_REJECTED({ path, why });
  }
  return saved.pins;
}

function parse(text: string, path: string): { version?: unknown; pins?: SavedPin[] } | null {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw faults.JOURNAL_PINS_REJECTED({ path, why: "it is damaged" }, error);
  }
}

/** Replaces the file atomically; only its owner may read it, for texts may hold secrets. Throws JOURNAL_PINS_UNWRITABLE. */
export async function writePins(path: string, pins: readonly SavedPin[]): Promise<void> {
  try {
    await replaceOwnFile(path, Buffer.from(JSON.stringify({ version, pins })));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.JOURNAL_PINS_UNWRITABLE({ path }, error);
  }
}
