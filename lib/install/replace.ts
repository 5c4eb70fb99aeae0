import { chmod, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { nameBeside, type Written, writeDurably } from "../base/atomic.ts";
import { withEncoded } from "../base/encoded.ts";
import { systemCode } from "../base/fault.ts";
import { setOwner } from "./attributes.ts";
import { isSystemError } from "./faults.ts";
import type { FileState } from "./read-target.ts";
import { stampOf } from "./stamp.ts";

/**
 * Writes `next` beside `path`, calls `validate` with that path, and renames it over `path`, which holds `before`. Returns
 * the stamp of the new file. If any step throws, `path` is unchanged and the staged file is removed.
 */
export async function replace(
  path: string,
  next: FileState,
  before: FileState | undefined,
  validate: (staged: string) => Promise<void>,
): Promise<string> {
  const staged = nameBeside(path);
  let stamp: string;
  try {
    await using written = await writeState(staged, next);
    stamp = stampOf(written.stats);
    await setOwner(path, staged, written.stats, { configured: {}, ...next });
    await validate(staged);
    await rename(staged, path).catch(async (error) => {
      // A file that is a mount point itself (docker run -v FILE:FILE) cannot be renamed over.
      if (!before || systemCode(error) !== "EBUSY") throw error;
      stamp = await overwrite(path, next, before);
      await setAttributes(path, next);
      await rm(staged);
    });
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  await syncFolder(path);
  return stamp;
}

async function writeState(
  path: string,
  { content, mode }: FileState,
  flags?: "wx" | "r+",
): Promise<Written> {
  const write = (bytes: Uint8Array) => writeDurably(path, bytes, mode, flags);
  return typeof content === "string" ? await withEncoded(content, write) : await write(content);
}

/** Removes a file durably. It need not exist. */
export async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(path);
}

/** Writes to the existing file; if that fails, writes the previous content again. */
async function overwrite(path: string, next: FileState, before: FileState): Promise<string> {
  try {
    await using written = await writeState(path, next, "r+");
    return stampOf(written.stats);
  } catch (error) {
    await using _ = await writeState(path, before, "r+");
    throw error;
  }
}

/** Sets the configured attributes of a file that was overwritten in place. */
async function setAttributes(path: string, { configured = {} }: FileState): Promise<void> {
  if (configured.mode !== undefined) await chmod(path, configured.mode);
  await setOwner(path, path, await stat(path), { ...configured, configured });
}

/** Makes a rename durable. The rename has taken effect in any case, so that a failure here is none of `replace`. */
async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await open(dirname(path));
    await folder.sync();
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
