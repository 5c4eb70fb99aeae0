import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { HeldEntry } from "../replaceable.ts";
import { ifMissing } from "./faults.ts";
import { remainingMs } from "./heartbeat.ts";
import { pathOf } from "./path.ts";
import { entriesOf, isDead, type SessionFolder } from "./reap.ts";
import { readRegularFile } from "./regular-file.ts";
import { inodeOf } from "./remove.ts";
import { isSession, sessionsOf } from "./sweep.ts";
import type { Uptime } from "./uptime.ts";

/** The entry of a key that another live session holds; undefined if none does. */
export async function heldEntry(
  { root, session }: SessionFolder,
  key: string,
  uptime: Uptime,
): Promise<HeldEntry | undefined> {
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
    const value = await valueOf(path);
    return value === undefined ? undefined : { storeKey: key, value, owner: name };
  }
  return undefined;
}

/** Undefined for a file that is not read: no session has written it. */
async function valueOf(path: string): Promise<string | undefined> {
  const content = await readRegularFile(path).catch(ifMissing);
  return content && "text" in content ? content.text : undefined;
}
