import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A name beside `path`, hidden, which no two writers choose alike. */
export function nameBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
}

/** Removes what a crash between writing and renaming has left beside `path`. Nobody may be writing now. */
export async function sweepBeside(path: string): Promise<void> {
  const folder = dirname(path);
  const before = `.${basename(path)}.`;
  for (const name of await readdir(folder)) {
    const ours = name.startsWith(before) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(before.length));
    if (ours) await rm(join(folder, name), { force: true });
  }
}

/**
 * Writes a file and has it on disk (fsync) before returning what it is then. `mode` is applied whatever
 * the umask.
 */
export async function writeDurably(
  path: string,
  text: string | Uint8Array,
  mode: number,
  flags: "wx" | "r+" = "wx",
): Promise<Stats> {
  const file = await open(path, flags, mode);
  try {
    if (flags === "r+") await file.truncate(0);
    else await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
    return await file.stat();
  } finally {
    await file.close();
  }
}
