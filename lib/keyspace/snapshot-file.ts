import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { replaceOwnFile } from "../base/atomic.ts";
import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/fault.ts";
import type { Entry } from "../model/entry.ts";
import { Snapshot } from "../model/snapshot.ts";
import { faults } from "./faults.ts";

/** A snapshot of a keyspace, and when it was saved. */
export interface SavedSnapshot {
  readonly snapshot: Snapshot;
  /** ISO 8601 */
  readonly savedAt: string;
}

/** The keyspace and the prefixes of a snapshot: with any other of them it would show wrong entries. */
export interface SnapshotOrigin {
  /** The keyspace's URL without credentials. */
  readonly url: string;
  readonly prefixes: readonly string[];
}

/**
 * The version of the file format: a header line, a line for each entry, and a line with the SHA-256 checksum of all
 * lines before it.
 */
const version = 1;

/**
 * Replaces the snapshot on disk atomically. Only the owner of the file may read it, for entries may be secret. Yields
 * to other work after each chunk, so that a large snapshot blocks nothing. Throws KEYSPACE_SNAPSHOT_UNWRITABLE.
 */
export async function writeSnapshotFile(
  path: string,
  { snapshot, savedAt }: SavedSnapshot,
  { url, prefixes }: SnapshotOrigin,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { revision, size } = snapshot;
  const head = { sidekick: "snapshot cache", version, url, prefixes, savedAt, revision, size };
  const parts = [Buffer.from(`${JSON.stringify(head)}\n`)];
  for (const chunk of snapshot.chunks) {
    parts.push(Buffer.from(chunk.map(lineOf).join("")));
    await clock.sleep(0, signal);
  }
  const content = Buffer.concat([...parts, Buffer.from(`${checksum(parts)}\n`)]);
  try {
    await replaceOwnFile(path, content);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.KEYSPACE_SNAPSHOT_UNWRITABLE({ path }, error);
  }
}

/**
 * Reads the saved snapshot; undefined if there is no file. Throws KEYSPACE_SNAPSHOT_REJECTED if the file is damaged,
 * or belongs to another keyspace, other prefixes or another version of sidekick.
 */
export async function readSnapshotFile(
  path: string,
  origin: SnapshotOrigin,
): Promise<SavedSnapshot | undefined> {
  const rejected = (why: string, cause?: unknown) =>
    faults.KEYSPACE_SNAPSHOT_REJECTED({ path, why }, cause);
  const content = await readFile(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw rejected("it cannot be read", error);
  });
  if (content === undefined) return undefined;
  const end = content.lastIndexOf("\n", -2) + 1;
  const body = content.subarray(0, end);
  if (content.toString("latin1", end) !== `${checksum([body])}\n`) throw rejected("it is damaged");
  const [first = "", ...lines] = body.toString().trimEnd().split("\n");
  const head = JSON.parse(first) as Head;
  if (head.version !== version) throw rejected("it was written by another version of sidekick");
  if (head.url !== origin.url) throw rejected(`it belongs to the keyspace ${head.url}`);
  if (!sameItems(head.prefixes, origin.prefixes)) {
    throw rejected(`it belongs to the folders ${head.prefixes.join(", ")}`);
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
