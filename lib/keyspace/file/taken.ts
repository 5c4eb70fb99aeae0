import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ifMissing } from "./faults.ts";
import { leftMs } from "./heartbeat.ts";
import { pathOf } from "./path.ts";
import { entriesOf, isDead, type SessionFolder } from "./reap.ts";
import { inodeOf } from "./remove.ts";
import { isSession, sessionsOf } from "./sweep.ts";
import type { Uptime } from "./uptime.ts";

/** What another session that is alive has written at a key; undefined where none has, or where it is `value`. */
export async function takenBy(
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
    const left = await leftMs(other, uptime);
    if (left !== undefined && left <= 0) return undefined;
    const theirs = await readFile(path, "utf8").catch(ifMissing);
    return theirs === value ? undefined : theirs;
  }
  return undefined;
}
