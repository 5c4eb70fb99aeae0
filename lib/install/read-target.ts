import { lstat, readFile, readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { systemCode } from "../base/fault.ts";
import type { Attributes } from "./attributes.ts";
import type { InstallTarget } from "./contract.ts";
import { faults, leftAt } from "./faults.ts";
import { stampOf } from "./stamp.ts";

/** The content and attributes of a file. Without an owner, it is the owner of this process. */
export interface FileState {
  /** A text if this process wrote it, or is about to: its bytes take as much memory again. */
  readonly content: string | Buffer;
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  /** The attributes that it has to have; the others are set as far as permitted. */
  readonly configured?: Attributes;
}

export interface TargetFile {
  /** The path without links. */
  readonly path: string;
  /** Undefined if the file does not exist. */
  readonly state: FileState | undefined;
  /** Distinguishes the file from any other; empty if it does not exist. */
  readonly stamp: string;
}

/** A file as it was written, or found to be as it should be. */
interface WrittenFile {
  readonly stamp: string;
  readonly text: string;
  readonly configured: Attributes;
}

/** The file that was last written to each target: while it is unchanged on disk, it is not read again. */
const lastWritten = new WeakMap<InstallTarget, WrittenFile>();

/** Remembers a target that was just written, or that already was as it should be. */
export function rememberWritten(target: InstallTarget, file: WrittenFile): void {
  lastWritten.set(target, file);
}

/** The configured attributes of a target as it was last written; none before that. */
export function writtenAttributes(target: InstallTarget): Attributes {
  return lastWritten.get(target)?.configured ?? {};
}

/** Whether the content of a target is not the one that this process wrote last; false if it wrote none yet. */
export function isForeign(
  target: InstallTarget,
  content: FileState["content"] | undefined,
): boolean {
  const written = lastWritten.get(target);
  return written !== undefined && content !== undefined && !isText(content, written.text);
}

/** Whether the content of a file is this text. */
export function isText(content: FileState["content"], text: string): boolean {
  return typeof content === "string" ? content === text : content.equals(Buffer.from(text));
}

/** Whether a target with this stamp is not the file that this process left there; false if it left none, or restored one. */
export function isReplaced(target: InstallTarget, stamp: string): boolean {
  const written = lastWritten.get(target);
  return written !== undefined && written.stamp !== stamp;
}

/** Whether a target with this stamp is the file that this process wrote last, with this text: it need not be read. */
export function isWritten(target: InstallTarget, stamp: string, text: string): boolean {
  const written = lastWritten.get(target);
  return written !== undefined && written.stamp === stamp && written.text === text;
}

export function forgetWritten(target: InstallTarget): void {
  lastWritten.delete(target);
}

/** Reads a target; links are followed. Throws INSTALL_UNWRITABLE if it is not a regular file. */
export async function readTarget(target: InstallTarget): Promise<TargetFile> {
  let path = target.path;
  let found = await lstat(path).catch(undefinedIf("ENOENT"));
  if (found?.isSymbolicLink()) {
    path = await resolveLinks(path);
    found = await lstat(path).catch(undefinedIf("ENOENT"));
  }
  if (!found) return { path, state: undefined, stamp: "" };
  // Renaming over a device such as /dev/stdout would replace it for all programs.
  if (!found.isFile()) {
    throw faults.INSTALL_UNWRITABLE({ path, reason: "it is not a file", left: leftAt(path) });
  }
  const { mode, uid, gid } = found;
  const written = lastWritten.get(target);
  const stamp = stampOf(found);
  const isUnchanged = written?.stamp === stamp;
  const content = isUnchanged ? written.text : await readFile(path);
  return { path, state: { content, mode: mode & 0o7777, uid, gid }, stamp };
}

/** The path that a link points to, even if nothing exists there yet. */
export async function resolveLinks(path: string): Promise<string> {
  const end = await realpath(path).catch(undefinedIf("ENOENT"));
  if (end !== undefined) return end;
  // EINVAL: not a link
  const next = await readlink(path).catch(undefinedIf("EINVAL", "ENOENT"));
  return next === undefined
    ? path
    : await resolveLinks(resolve(await realpath(dirname(path)), next));
}

/** For `catch`: returns undefined for these codes; throws any other error. */
export function undefinedIf(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(systemCode(error) ?? "")) throw error;
  };
}
