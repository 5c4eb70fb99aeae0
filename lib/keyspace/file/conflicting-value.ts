import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ifMissing } from "./faults.ts";
import { remainingMs } from "./heartbeat.ts";
import { pathOf } from "./path.ts";
import { entriesOf, isDead, type SessionFolder } from "./reap.ts";
import { readRegularFile } from "./regular-file.ts";
import { inodeOf } from "./remove.ts";
import { isSession, sessionsOf } from "./sweep.ts";
import type { Uptime } from "./uptime.ts";

/** The value of a key that another live session holds, if it differs from `value`; otherwise undefined. */
export async function conflictingValue(
  { root, session }: SessionFolder,
  key: string,
  value: string,
  uptime: Uptime,
): Promise<string | undefined> {
  const path = pathOf(root, key);
  const inode = await inodeOf(path);
  if (inode === undefined || inode === (await inodeOf(pathOf(entriesOf(session), key)))) {
    return undefined;
  }
  const names = (await readdir(sessionsOf(root)).catch(ifMissing)) ?? [];
  for (const name of names.filter(isSession)) {
    const other = join(sessionsOf(root), name);
    if (other === session || isDead(other)) continue;
    if ((await inodeOf(pathOf(entriesOf(other), key))) !== inode) continue;
    const leftMs = await remainingMs(other, uptime);
    if (leftMs !== undefined && leftMs <= 0) return undefined;
    const current = await valueOf(path);
    return current === value ? undefined : current;
  }
  return undefined;
}

/** Undefined for a file that is not read: no session has written it. */
async function valueOf(path: string): Promise<string | undefined> {
  const content = await readRegularFile(path).catch(ifMissing);
  return content && "text" in content ? content.text : undefined;
}
