import { chmod, lstat, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault, sentence, systemCode } from "../base/fault.ts";
import { faults } from "../status/faults.ts";
import { isListening } from "./answered.ts";
import { type Listen, listening } from "./server.ts";

/** The longest path that any system lets a socket have, in bytes. */
const longestPath = 103;

/**
 * Listens on a unix socket that nobody but its owner can use. The socket of a process that has died is replaced.
 * `owner` is the user whose folder it has to be, and nobody else's to write in, where a stranger could have made it.
 * Throws CONTROL_SOCKET_IN_USE where somebody answers there, and CONTROL_SOCKET_UNAVAILABLE where none can be made.
 */
export function atSocket(path: string, owner?: number): Listen {
  return async (server, signal) => {
    try {
      if (await isTaken(path, signal)) throw faults.CONTROL_SOCKET_IN_USE({ path });
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      if (owner !== undefined) await refuseForeign(path, owner);
      // In a folder that is closed to others until its own mode is set; then it is there all at once.
      // Not by join, which would take the dot away: it has to lie within the folder, and to be hidden.
      const closed = await mkdtemp(`${dirname(path)}/.`);
      try {
        const made = join(closed, "s");
        await listening(server, { path: made }, signal);
        await chmod(made, 0o600);
        await rename(made, path);
      } finally {
        await rm(closed, { recursive: true, force: true });
      }
      const { ino } = await lstat(path);
      return { [Symbol.asyncDispose]: () => removeOwn(path, ino) };
    } catch (error) {
      if (signal.aborted || error instanceof Fault || systemCode(error) === undefined) throw error;
      throw faults.CONTROL_SOCKET_UNAVAILABLE({ path, problem: sentence(error) }, error);
    }
  };
}

/** Whether somebody answers there. Throws CONTROL_SOCKET_UNAVAILABLE where no socket may be put. */
async function isTaken(path: string, signal: AbortSignal): Promise<boolean> {
  if (Buffer.byteLength(path) > longestPath) {
    throw faults.CONTROL_SOCKET_UNAVAILABLE({
      path,
      problem: `it is longer than ${longestPath} bytes`,
    });
  }
  const found = await stats(path);
  if (found && !found.isSocket()) {
    throw faults.CONTROL_SOCKET_UNAVAILABLE({
      path,
      problem: "there is something else in its place",
    });
  }
  return found !== undefined && (await isListening(path, signal));
}

/** Throws CONTROL_SOCKET_UNAVAILABLE where others could put something else in the place of the socket. */
async function refuseForeign(path: string, owner: number): Promise<void> {
  const folder = dirname(path);
  const { uid, mode } = await lstat(folder);
  if (uid === owner && (mode & 0o022) === 0) return;
  throw faults.CONTROL_SOCKET_UNAVAILABLE({
    path,
    problem: `${folder} has to be ours, and ours alone to write in`,
  });
}

/** Another one may have taken the place of ours: that one stays. */
async function removeOwn(path: string, ino: number): Promise<void> {
  if ((await stats(path))?.ino === ino) await rm(path, { force: true });
}

async function stats(path: string) {
  return await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
}
