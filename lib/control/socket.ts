import { chmod, lstat, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault, sentence, systemCode } from "../base/fault.ts";
import { faults } from "./faults.ts";
import { isListening } from "./is-listening.ts";
import { type Listen, listening } from "./server.ts";

/** The longest path that any system lets a socket have, in bytes. */
const longestPath = 103;

/**
 * Listens on a unix socket with mode 0600. The socket of a process that has died is replaced. With `owner`, the folder must
 * belong to that user id and be writable for no other: another user could have made it. Throws CONTROL_SOCKET_IN_USE
 * where a process listens already, and CONTROL_SOCKET_UNAVAILABLE.
 */
export function atSocket(path: string, owner?: number): Listen {
  return async (server, signal) => {
    try {
      if (await isTaken(path, signal)) throw faults.CONTROL_SOCKET_IN_USE({ path });
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      if (owner !== undefined) await requireOwnFolder(path, owner);
      // Made in a closed folder and renamed, so that it never exists with another mode. `join` would drop the dot.
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

/** Whether a process listens there. Throws CONTROL_SOCKET_UNAVAILABLE where no socket can be made. */
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
      problem: "it exists and is not a socket",
    });
  }
  return found !== undefined && (await isListening(path, signal));
}

/** Throws CONTROL_SOCKET_UNAVAILABLE where another user could replace the socket. */
async function requireOwnFolder(path: string, owner: number): Promise<void> {
  const folder = dirname(path);
  const { uid, mode } = await lstat(folder);
  if (uid === owner && (mode & 0o022) === 0) return;
  throw faults.CONTROL_SOCKET_UNAVAILABLE({
    path,
    problem: `${folder} must belong to user ${owner} and be writable for no other`,
  });
}

/** Removes the socket, unless another process has replaced it. */
async function removeOwn(path: string, ino: number): Promise<void> {
  if ((await stats(path))?.ino === ino) await rm(path, { force: true });
}

async function stats(path: string) {
  return await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
}
