import type { Stats } from "node:fs";
import { chown, lstat, open, readFile, readlink, realpath, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { nameBeside, sweepBeside, withoutStagingNames, writeDurably } from "../base/atomic.ts";
import type { Clock } from "../base/clock.ts";
import { type CleanLine, failureSummary, run } from "../base/exec.ts";
import { systemCode } from "../base/fault.ts";
import { faults } from "./faults.ts";

/** A file that is to hold what a template gives. */
export interface InstallTarget {
  readonly path: string;
  /** Permissions of a file that is not there yet, 0644 unless set; one that is keeps what it has. */
  readonly mode?: number | undefined;
  readonly check?: CheckCommand | undefined;
}

/** A command that must end with exit code 0 before a text may take the target's place. */
export interface CheckCommand {
  /** `{candidate}` in an argument becomes the path of the text that waits for approval. */
  readonly run: readonly string[];
  /** Milliseconds; then the command and all that it started are ended, and the text is refused. */
  readonly timeout: number;
}

export type Installed =
  | { readonly changed: false }
  | {
      readonly changed: true;
      /** Puts back what was there before, with its mode and owner; removes a file that was not there. */
      readonly revert: () => Promise<void>;
    };

export interface InstallDeps {
  readonly clock: Clock;
  /** Applied to each line of a check command that fails; lines stay as they are unless set. */
  readonly clean?: CleanLine;
}

/**
 * Makes a file hold `text`: readers see the old text or the new one, and never one that was not approved.
 * A link is followed and stays. What an operator has put there meanwhile is noticed. Throws INSTALL_CHECK_FAILED
 * or INSTALL_UNWRITABLE; the file is then as it was, and nothing lies beside it.
 */
export async function install(
  target: InstallTarget,
  text: string,
  deps: InstallDeps,
  signal: AbortSignal,
): Promise<Installed> {
  return await orUnwritable(target.path, async () => {
    const { path, before } = await present(target);
    const content = Buffer.from(text);
    if (before?.content.equals(content)) return { changed: false };
    const next = { ...before, mode: before?.mode ?? target.mode ?? 0o644, content };
    const stamp = await put(path, next, before, async (staged) => {
      if (target.check) await approve(target.path, staged, target.check, deps, signal);
      signal.throwIfAborted();
    });
    placed.set(target, { stamp, content });
    return { changed: true, revert: () => revert(target, path, before) };
  });
}

/** What was put in a target's place last: as long as the same file is there, it need not be read again. */
const placed = new WeakMap<InstallTarget, { readonly stamp: string; readonly content: Buffer }>();

/** Tells a file, and what is in it, from every other one. */
function stampOf({ dev, ino, size, mtimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs].join(" ");
}

/** Removes what a crash has left beside a target, as far as we may. For the start, before any install. */
export async function sweep(target: InstallTarget): Promise<void> {
  try {
    await sweepBeside(await destination(target.path));
  } catch (error) {
    if (!isOfSystem(error)) throw error;
  }
}

/** A file as it is, or is to be. No owner means ours. */
interface Content {
  readonly content: Buffer;
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

async function revert(
  target: InstallTarget,
  path: string,
  before: Content | undefined,
): Promise<void> {
  placed.delete(target);
  await orUnwritable(target.path, async () => {
    if (before) return void (await put(path, before, before, async () => {}));
    await rm(path, { force: true });
    await syncFolder(path);
  });
}

/** Where the text really goes: what a link points to, even when that does not exist yet. */
async function destination(link: string): Promise<string> {
  const end = await realpath(link).catch(unless("ENOENT"));
  if (end !== undefined) return end;
  const next = await readlink(link).catch(unless("EINVAL", "ENOENT"));
  return next === undefined
    ? link
    : await destination(resolve(await realpath(dirname(link)), next));
}

/** Undefined instead of an error of one of these codes. EINVAL is what reading a link says of a file. */
function unless(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(systemCode(error) ?? "")) throw error;
  };
}

/** What is there now, and where; links are followed. */
async function present(target: InstallTarget): Promise<Place> {
  let path = target.path;
  let found = await lstat(path).catch(unless("ENOENT"));
  if (found?.isSymbolicLink()) {
    path = await destination(path);
    found = await lstat(path).catch(unless("ENOENT"));
  }
  if (!found) return { path, before: undefined };
  // Renaming over a device such as /dev/stdout would replace it for everybody.
  if (!found.isFile()) throw faults.INSTALL_UNWRITABLE({ path, words: "it is not a file" });
  const { mode, uid, gid } = found;
  const known = placed.get(target);
  const isKnown = known?.stamp === stampOf(found);
  const content = isKnown ? known.content : await readFile(path);
  return { path, before: { content, mode: mode & 0o7777, uid, gid } };
}

interface Place {
  readonly path: string;
  readonly before: Content | undefined;
}

/** Writes `next` beside `path`, has it approved, and lets it take the place of `before`. Returns its stamp. */
async function put(
  path: string,
  next: Content,
  before: Content | undefined,
  approved: (staged: string) => Promise<void>,
): Promise<string> {
  const staged = nameBeside(path);
  let stamp: string;
  try {
    await using written = await writeDurably(staged, next.content, next.mode);
    stamp = stampOf(written.stats);
    await giveTo(staged, written.stats, next);
    await approved(staged);
    await rename(staged, path).catch(async (error) => {
      // A file that is a mount point itself (docker run -v FILE:FILE) cannot be renamed over.
      if (!before || systemCode(error) !== "EBUSY") throw error;
      stamp = await writeThrough(path, next, before);
      await rm(staged);
    });
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  await syncFolder(path);
  return stamp;
}

async function writeThrough(path: string, next: Content, before: Content): Promise<string> {
  try {
    await using written = await writeDurably(path, next.content, next.mode, "r+");
    return stampOf(written.stats);
  } catch (error) {
    await using _ = await writeDurably(path, before.content, before.mode, "r+");
    throw error;
  }
}

/** Gives a staged file its owner as far as we may: without privileges, at most a group that we are in. */
async function giveTo(staged: string, is: Stats, { uid, gid }: Content): Promise<void> {
  if (uid === undefined || gid === undefined || (is.uid === uid && is.gid === gid)) return;
  const keep = -1;
  const unlessForbidden = (error: unknown) => {
    if (systemCode(error) !== "EPERM") throw error;
  };
  await chown(staged, keep, gid).catch(unlessForbidden);
  await chown(staged, uid, keep).catch(unlessForbidden);
}

async function approve(
  path: string,
  staged: string,
  { run: command, timeout: timeoutMs }: CheckCommand,
  { clock, clean }: InstallDeps,
  signal: AbortSignal,
): Promise<void> {
  const argv = command.map((argument) => argument.replaceAll("{candidate}", staged));
  const finished = await run({ argv, timeoutMs }, clock, signal);
  if (finished.ok) return;
  throw faults.INSTALL_CHECK_FAILED({
    path,
    words: withoutStagingNames(failureSummary(finished, clean)),
  });
}

/** Has a rename on disk. It is in effect in any case, so that not being able to is no failure. */
async function syncFolder(path: string): Promise<void> {
  try {
    await using folder = await open(dirname(path));
    await folder.sync();
  } catch (error) {
    if (!isOfSystem(error)) throw error;
  }
}

async function orUnwritable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    throw faults.INSTALL_UNWRITABLE({ path, words: withoutStagingNames(error.message) });
  }
}

/** Whether the operating system refused something, as opposed to a mistake of ours. */
function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
