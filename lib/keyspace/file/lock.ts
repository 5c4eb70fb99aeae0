import { createHash, randomBytes } from "node:crypto";
import { link, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { systemCode } from "../../base/fault.ts";
import { ifMissing } from "./faults.ts";
import { leftMs } from "./heartbeat.ts";
import { reap, type SessionFolder } from "./reap.ts";
import type { Uptime } from "./uptime.ts";

/** What a lock is waited for by. */
export interface Waiting {
  readonly clock: Clock;
  readonly uptime: Uptime;
}

const prefix = ".lock-";

/** How long to wait before a lock that somebody holds is looked at again, in milliseconds. */
const pauseMs = 5;

export const isLock = (name: string): boolean => name.startsWith(prefix);

/**
 * Does `work` as the only writer of a key, of all processes. The lock is a link that names its session: when
 * that one expires, so does the lock.
 */
export async function withKeyLock<T>(
  { root, session }: SessionFolder,
  key: string,
  { clock, uptime }: Waiting,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  // Beside the sessions, and not named as a key is: keys may be longer than names.
  const name = `${prefix}${createHash("sha256").update(key).digest("hex")}`;
  const lock = join(dirname(session), name);
  while (!(await isTaken(lock, basename(session)))) {
    if (!(await openIfOver(root, lock, uptime))) await clock.sleep(pauseMs, signal);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Whether we have the lock from here on. One session writes a key once at a time: one that is its own is old. */
async function isTaken(lock: string, session: string): Promise<boolean> {
  try {
    await symlink(session, lock);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    return (await readlink(lock).catch(ifMissing)) === session;
  }
}

/** Removes a lock whose session has expired, and returns whether there is none of that session any more. */
export async function openIfOver(root: string, lock: string, uptime: Uptime): Promise<boolean> {
  const holder = await readlink(lock).catch(ifMissing);
  if (holder === undefined) return true;
  const session = join(dirname(lock), holder);
  const left = await leftMs(session, uptime);
  if (left === undefined || left > 0) return false;
  // Its process may only have been stopped: from here on nothing of what it still writes stays.
  await reap(root, session);
  const aside = join(dirname(lock), `.${randomBytes(6).toString("hex")}`);
  const moved = await rename(lock, aside).then(() => true, ifMissing);
  // Somebody else was quicker and holds it now.
  if (moved && (await readlink(aside)) !== holder) await link(aside, lock).catch(ifThere);
  await rm(aside, { force: true });
  return true;
}

function ifThere(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}
