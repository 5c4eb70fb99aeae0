import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { nameBeside, writeDurably } from "../base/atomic.ts";
import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/fault.ts";
import type { Entry } from "../model/entry.ts";
import { Snapshot } from "../model/snapshot.ts";
import { faults } from "./faults.ts";

/** What was known of a keyspace when it was last saved. */
export interface SavedSnapshot {
  readonly snapshot: Snapshot;
  /** ISO 8601 */
  readonly savedAt: string;
}

/** Of what a snapshot is: one of another keyspace, or of other prefixes, would show what is not so. */
export interface SnapshotOrigin {
  /** The keyspace's URL without credentials. */
  readonly url: string;
  readonly prefixes: readonly string[];
}

/**
 * The form of the file: a line that says what it is, a line for each entry, and a line with the checksum of all lines
 * before it. Another form has another number.
 */
const version = 1;

/**
 * Puts a snapshot on disk in place of the one before: whoever reads finds one or the other, whole. Only its owner may
 * read it. Other work goes on meanwhile, however large it is. Throws KEYSPACE_SNAPSHOT_UNWRITABLE.
 */
export async function writeSnapshotFile(
  path: string,
  { snapshot, savedAt }: SavedSnapshot,
  { url, prefixes }: SnapshotOrigin,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { revision, size } = snapshot;
  const head = { sidekick: "last good snapshot", version, url, prefixes, savedAt, revision, size };
  const parts = [Buffer.from(`${JSON.stringify(head)}\n`)];
  for (const chunk of snapshot.chunks) {
    parts.push(Buffer.from(chunk.map(lineOf).join("")));
    await clock.sleep(0, signal);
  }
  const content = Buffer.concat([...parts, Buffer.from(`${checksum(parts)}\n`)]);
  const staged = nameBeside(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await using _file = await writeDurably(staged, content, 0o600);
    await rename(staged, path);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    await rm(staged, { force: true }).catch(() => {});
    throw faults.KEYSPACE_SNAPSHOT_UNWRITABLE({ path }, error);
  }
}

/**
 * Reads what was saved; undefined where nothing was. Throws KEYSPACE_SNAPSHOT_REJECTED for what is damaged, of another
 * keyspace or of another version of this program: none of it is used then.
 */
export async function readSnapshotFile(
  path: string,
  origin: SnapshotOrigin,
): Promise<SavedSnapshot | undefined> {
  const refused = (why: string, cause?: unknown) =>
    faults.KEYSPACE_SNAPSHOT_REJECTED({ path, why }, cause);
  const content = await readFile(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw refused("it cannot be read", error);
  });
  if (content === undefined) return undefined;
  const end = content.lastIndexOf("\n", -2) + 1;
  const body = content.subarray(0, end);
  if (content.toString("latin1", end) !== `${checksum([body])}\n`) throw refused("it is damaged");
  const [first = "", ...lines] = body.toString().trimEnd().split("\n");
  const head = JSON.parse(first) as Head;
  if (head.version !== version) throw refused("another version of sidekick wrote it");
  if (head.url !== origin.url) throw refused(`it is of the keyspace ${head.url}`);
  if (!sameItems(head.prefixes, origin.prefixes)) {
    throw refused(`it is of the folders ${head.prefixes.join(", ")}`);
  }
  const entries = new Map(lines.map(entryOf).map((entry) => [entry.key, entry]));
  const { revision, savedAt } = head;
  return { savedAt, snapshot: Snapshot.empty.after({ kind: "reset", revision, entries }) };
}

/** The first line. */
interface Head extends SnapshotOrigin {
  readonly version: number;
  readonly savedAt: string;
  readonly revision: string;
}

function lineOf({ key, value, revision }: Entry): string {
  return `${JSON.stringify([key, value, revision])}\n`;
}

function entryOf(line: string): Entry {
  const [key, value, revision] = JSON.parse(line) as [string, string, string];
  return { key, value, revision };
}

function checksum(parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
