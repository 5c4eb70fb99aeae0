import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ifSystem } from "../../base/fault.ts";
import { remainingMs } from "./heartbeat.ts";
import { breakIfExpired, isLock } from "./lock.ts";
import { filesOf, isDead, reap } from "./reap.ts";
import type { Uptime } from "./uptime.ts";

/** The folder of the sessions of a keyspace folder. */
export const sessionsOf = (root: string): string => join(root, ".sessions");

/** Whether a name in that folder is a session. A leading dot marks a lock, or a session that is not complete. */
export const isSession = (name: string): boolean => !name.startsWith(".");

/** A heartbeat that cannot be read now is read again so soon, in milliseconds. */
const unreadableMs = 500;

export interface SweepResult {
  /**
   * The milliseconds until the next session expires without a beat, or until an unreadable heartbeat is to be read again;
   * Infinity without sessions.
   */
  readonly nextExpiryMs: number;
  /** The inodes of expired sessions' files that could not be removed: they do not count as entries. */
  readonly orphans: ReadonlySet<bigint>;
}

/**
 * Reaps the sessions that have had no heartbeat for their TTL, and breaks their locks. Every reader and writer of
 * the keyspace sweeps regularly, so a failed sweep is left to the next one.
 */
export async function sweep(root: string, uptime: Uptime): Promise<SweepResult> {
  const sessions = sessionsOf(root);
  const orphans = new Set<bigint>();
  let nextExpiryMs = Number.POSITIVE_INFINITY;
  const names = (await readdir(sessions).catch(ifSystem)) ?? [];
  for (const name of names.filter(isLock)) {
    await breakIfExpired(root, join(sessions, name), uptime).catch(ifSystem);
  }
  for (const name of names.filter(isSession)) {
    const session = join(sessions, name);
    const leftMs = isDead(session) ? 0 : await remainingMs(session, uptime);
    if (leftMs === undefined) nextExpiryMs = Math.min(nextExpiryMs, unreadableMs);
    else if (leftMs > 0) nextExpiryMs = Math.min(nextExpiryMs, leftMs);
    else for (const inode of await tryReap(root, session)) orphans.add(inode);
  }
  return { nextExpiryMs, orphans };
}

/** Returns the inodes that could not be removed: the disk fails, or this process has only read permission. */
async function tryReap(root: string, session: string): Promise<readonly bigint[]> {
  try {
    await reap(root, session);
    return [];
  } catch (error) {
    ifSystem(error);
    return await inodesOf(root, session);
  }
}

async function inodesOf(root: string, session: string): Promise<readonly bigint[]> {
  const inodes: bigint[] = [];
  try {
    for await (const { inode } of filesOf(root, session)) inodes.push(inode);
  } catch (error) {
    ifSystem(error);
  }
  return inodes;
}
