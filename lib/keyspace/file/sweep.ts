import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ifSystem } from "./faults.ts";
import { leftMs } from "./heartbeat.ts";
import { isLock, openIfOver } from "./lock.ts";
import { heldBy, isDead, reap } from "./reap.ts";
import type { Uptime } from "./uptime.ts";

/** Where the sessions of a keyspace folder are. */
export const sessionsOf = (root: string): string => join(root, ".sessions");

/** Whether a name among them is a session's. A dot: a lock, or a session that is being made, or never was. */
export const isSession = (name: string): boolean => !name.startsWith(".");

/** What a sweep leaves. */
export interface Swept {
  /** In how many milliseconds the next session expires unless it is heard of; Infinity without sessions. */
  readonly nextMs: number;
  /** Files of expired sessions that are not ours to remove: they are not entries any more. */
  readonly ghosts: ReadonlySet<bigint>;
}

/**
 * Ends the sessions that have not been heard of for their time to live. Whoever reads or writes the
 * keyspace does this from time to time; a sweep that fails is no more than a sweep to come.
 */
export async function sweep(root: string, uptime: Uptime): Promise<Swept> {
  const sessions = sessionsOf(root);
  const ghosts = new Set<bigint>();
  let nextMs = Number.POSITIVE_INFINITY;
  const names = (await readdir(sessions).catch(ifSystem)) ?? [];
  for (const name of names.filter(isLock)) {
    await openIfOver(root, join(sessions, name), uptime).catch(ifSystem);
  }
  for (const name of names.filter(isSession)) {
    const session = join(sessions, name);
    const left = isDead(session) ? 0 : await leftMs(session, uptime);
    if (left === undefined) continue;
    if (left > 0) nextMs = Math.min(nextMs, left);
    else for (const inode of await tryToRetire(root, session)) ghosts.add(inode);
  }
  return { nextMs, ghosts };
}

/** Returns the files that could not be removed: the disk failed us, or we may only read. */
async function tryToRetire(root: string, session: string): Promise<readonly bigint[]> {
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
    for await (const { inode } of heldBy(root, session)) inodes.push(inode);
  } catch (error) {
    ifSystem(error);
  }
  return inodes;
}
