import { randomInt } from "node:crypto";
import { fstatSync, type Stats } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ifSystem } from "./fault.ts";

/** Distinguishes the names of this process from those of others that write to the same folder. */
let latest = randomInt(2 ** 47);

/** A hidden temporary name in the folder of `path`, unique to each call. */
export function nameBeside(path: string): string {
  latest += 1;
  return join(dirname(path), `.${basename(path)}.${latest.toString(16).padStart(12, "0")}.tmp`);
}

/** Replaces the names made by `nameBeside` in a message: `/etc/.a.cfg.0123456789ab.tmp` becomes `/etc/a.cfg`. */
export function withoutStagingNames(message: string): string {
  return message.replace(/\.([^/'"]+)\.[0-9a-f]{12}\.tmp/g, "$1");
}

/** Removes temporary files that a crash between writing and renaming left beside `path`. No write may be in progress. */
export async function sweepBeside(path: string): Promise<void> {
  await sweepFolder(dirname(path), new Set([basename(path)]));
}

/** The same, for several files of a folder: it is listed once. */
export async function sweepFolder(folder: string, names: ReadonlySet<string>): Promise<void> {
  for (const found of await readdir(folder)) {
    const [, name = ""] = /^\.(.+)\.[0-9a-f]{12}\.tmp$/s.exec(found) ?? [];
    if (names.has(name)) await rm(join(folder, found), { force: true });
  }
}

/** A file that has been written and flushed to disk, and is still open. */
export interface Written extends AsyncDisposable {
  readonly stats: Stats;
}

/**
 * Writes a file and flushes it to disk (fsync) before returning. `mode` is applied regardless of the umask; with `r+`
 * an existing file is overwritten and keeps its mode. Disposing of the result closes the file, which may be renamed
 * before that.
 */
export async function writeDurably(
  path: string,
  content: Uint8Array,
  mode: number,
  flags: "wx" | "r+" = "wx",
): Promise<Written> {
  const file = await open(path, flags, mode);
  try {
    if (flags === "r+") await file.truncate(0);
    let done = 0;
    while (done < content.length) done += (await file.write(content, done)).bytesWritten;
    await file.sync();
    // Of a file that was just flushed, the system has the stats at hand.
    const stats = fstatSync(file.fd);
    if (flags === "wx" && (stats.mode & 0o7777) !== mode) await file.chmod(mode);
    return { stats, [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Replaces a file of this process's own state atomically and durably. Only its owner may read it, for it may hold secrets; its
 * folder is created if it is missing. Throws the system's error; then the file is unchanged.
 */
export async function replaceOwnFile(path: string, content: Uint8Array): Promise<void> {
  const staged = nameBeside(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await using _ = await writeDurably(staged, content, 0o600);
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true }).catch(ifSystem);
    throw error;
  }
}
