import { mkdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isMissing } from "./faults.ts";
import { readRegularFile } from "./regular-file.ts";
import type { Uptime } from "./uptime.ts";

/** The content of the heartbeat file. The time of the last beat is the file's modification time, in `Uptime`. */
interface Heartbeat {
  readonly boot: string;
  readonly ttlMs: number;
}

const heartbeatOf = (session: string): string => join(session, "heartbeat");

/** Creates the folder of a session atomically, with its first heartbeat. */
export async function createSessionFolder(
  session: string,
  ttlMs: number,
  uptime: Uptime,
): Promise<void> {
  const staged = join(dirname(session), `.${basename(session)}`);
  await mkdir(staged, { recursive: true });
  try {
    const heartbeat: Heartbeat = { boot: uptime.boot, ttlMs };
    await writeFile(heartbeatOf(staged), `${JSON.stringify(heartbeat)}\n`);
    await beat(staged, uptime.now());
    await rename(staged, session);
  } catch (error) {
    await rm(staged, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Renews a session. Only sets the time of a file: that is atomic, takes no space on a full disk, fails if another
 * process has reaped the session, and triggers no watch.
 */
export async function beat(session: string, nowMs: number): Promise<void> {
  await utimes(heartbeatOf(session), nowMs / 1000, nowMs / 1000);
}

/**
 * The milliseconds until a session expires without another beat: 0 or less once it has expired, undefined if its
 * heartbeat cannot be read.
 */
export async function remainingMs(session: string, uptime: Uptime): Promise<number | undefined> {
  try {
    const content = await readRegularFile(heartbeatOf(session));
    // Sidekick does not write such a file: the session has expired like one with another content.
    if ("why" in content) return 0;
    const mtimeMs = Number(content.stats.mtimeNs) / 1e6;
    const heartbeat = parse(content.text);
    const now = uptime.now();
    if (heartbeat?.boot !== uptime.boot || mtimeMs > now + 1) return 0;
    return mtimeMs + heartbeat.ttlMs - now;
  } catch (error) {
    return isMissing(error) ? 0 : undefined;
  }
}

function parse(text: string): Heartbeat | undefined {
  try {
    return JSON.parse(text) as Heartbeat;
  } catch {
    return undefined;
  }
}
