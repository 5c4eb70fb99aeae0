import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isMissing } from "./faults.ts";
import type { Uptime } from "./uptime.ts";

/** What a session says of itself; when it was last heard of is the time of the file, in `Uptime`. */
interface Life {
  readonly boot: string;
  readonly ttlMs: number;
}

const heartbeatOf = (session: string): string => join(session, "heartbeat");

/** Makes a session's folder, with a heartbeat in it from the first moment that it has its name. */
export async function begin(session: string, ttlMs: number, uptime: Uptime): Promise<void> {
  const unborn = join(dirname(session), `.${basename(session)}`);
  await mkdir(unborn, { recursive: true });
  try {
    const life: Life = { boot: uptime.boot, ttlMs };
    await writeFile(heartbeatOf(unborn), `${JSON.stringify(life)}\n`);
    await beat(unborn, uptime.now());
    await rename(unborn, session);
  } catch (error) {
    await rm(unborn, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Says that a session is alive. Only the time of a file is set: that is one step, it needs no room on a full
 * disk, it fails where the session was ended by others, and nobody watches it.
 */
export async function beat(session: string, nowMs: number): Promise<void> {
  await utimes(heartbeatOf(session), nowMs / 1000, nowMs / 1000);
}

/**
 * How many milliseconds a session has to live unless it is heard of: 0 or less once it has expired.
 * Undefined where that is not for us to know.
 */
export async function leftMs(session: string, uptime: Uptime): Promise<number | undefined> {
  try {
    const { mtimeMs } = await stat(heartbeatOf(session));
    const life = parse(await readFile(heartbeatOf(session), "utf8"));
    const now = uptime.now();
    if (life?.boot !== uptime.boot || mtimeMs > now + 1) return 0;
    return mtimeMs + life.ttlMs - now;
  } catch (error) {
    return isMissing(error) ? 0 : undefined;
  }
}

function parse(text: string): Life | undefined {
  try {
    return JSON.parse(text) as Life;
  } catch {
    return undefined;
  }
}
