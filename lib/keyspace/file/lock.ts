import { createHash, randomBytes } from "node:crypto";
import { link, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { systemCode } from "../../base/fault.ts";
import { ifMissing } from "./faults.ts";
import { remainingMs } from "./heartbeat.ts";
import { reap, type SessionFolder } from "./reap.ts";
import type { Uptime } from "./uptime.ts";

export interface LockDeps {
  readonly clock: Clock;
  readonly uptime: Uptime;
}

const prefix = ".lock-";

/** The interval between attempts to take a lock that another session holds, in milliseconds. */
const pollMs = 5;

export const isLock = (name: string): boolean => name.startsWith(prefix);

/**
 * Runs `work` as the only writer of a key, across all processes. The lock is a symbolic link that names its session:
 * it expires with that session.
 */
export async function withKeyLock<T>(
  { root, session }: SessionFolder,
  key: string,
  { clock, uptime }: LockDeps,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  // In the folder of sessions, and named by a hash: a key may be longer than a file name.
  const name = `${prefix}${createHash("sha256").update(key).digest("hex")}`;
  const lock = join(dirname(session), name);
  while (!(await tryLock(lock, basename(session)))) {
    if (!(await breakIfExpired(root, lock, uptime))) await clock.sleep(pollMs, signal);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/**
 * Whether the session holds the lock now. A session writes a key once at a time, so a lock of its own is one that it
 * could not remove before.
 */
async function tryLock(lock: string, session: string): Promise<boolean> {
  try {
    await symlink(session, lock);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    return (await readlink(lock).catch(ifMissing)) === session;
  }
}

/** Removes the lock of an expired session. Returns whether the lock that was found is gone. */
export async function breakIfExpired(root: string, lock: string, uptime: Uptime): Promise<boolean> {
  const holder = await readlink(lock).catch(ifMissing);
  if (holder === undefined) return true;
  const session = join(dirname(lock), holder);
  const leftMs = await remainingMs(session, uptime);
  if (leftMs === undefined || leftMs > 0) return false;
  // The process of the session may only be suspended: once reaped, nothing that it still writes stays.
  await reap(root, session);
  const aside = join(dirname(lock), `.${randomBytes(6).toString("hex")}`);
  const moved = await rename(lock, aside).then(() => true, ifMissing);
  // Another process was faster, and its new lock was moved.
  if (moved && (await readlink(aside)) !== holder) await link(aside, lock).catch(ifExists);
  await rm(aside, { force: true });
  return true;
}

function ifExists(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}
