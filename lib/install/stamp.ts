import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { systemCode } from "../base/fault.ts";

/** The stamp of no file. */
export const missing = "";

/** Distinguishes a file and its content from any other. */
export function stampOf({ dev, ino, size, mtimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs].join(" ");
}

/** The stamp of the file at a path, `missing`, or the code of the error that hides it; links are followed. */
export async function stampAt(path: string): Promise<string> {
  return await describeAt(path, stampOf);
}

/** The same, but it also distinguishes the mode, user and group of the file. */
export async function attributedStampAt(path: string): Promise<string> {
  return await describeAt(path, (found) => {
    return [stampOf(found), found.mode, found.uid, found.gid].join(" ");
  });
}

/** The part of an attributed stamp that `stampOf` gives. */
export function contentStampOf(attributed: string): string {
  return attributed.split(" ", 4).join(" ");
}

async function describeAt(path: string, describe: (found: Stats) => string): Promise<string> {
  try {
    return describe(await stat(path));
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return code === "ENOENT" || code === "ENOTDIR" ? missing : code;
  }
}
