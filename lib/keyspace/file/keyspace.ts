import { resolve } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Keyspace } from "../contract.ts";
import { urlOf } from "./path.ts";
import { type FileSession, openSession } from "./session.ts";
import { systemUptime, type Uptime } from "./uptime.ts";
import { watchFolder } from "./watch.ts";

export interface FileKeyspaceOptions {
  /** The folder of the keys; created if it does not exist. */
  readonly folder: string;
  /** A watch does not create the folder; it throws KEYSPACE_FILE_FOLDER_MISSING. */
  readonly mustExist?: boolean;
  readonly clock: Clock;
  /** The clock of heartbeats; by default that of the system. */
  readonly uptime?: Uptime;
}

/**
 * A keyspace in a folder, where each key is a file: `ls` and `cat` show it, `echo` and `rm` change it. For the processes
 * of one machine, without a server.
 */
export function createFileKeyspace({
  folder,
  clock,
  mustExist = false,
  uptime = systemUptime(),
}: FileKeyspaceOptions): Keyspace {
  const root = resolve(folder);
  const sessions = new Set<FileSession>();
  return {
    url: urlOf(root),
    watch: (prefixes, signal) => watchFolder(root, prefixes, { clock, uptime, mustExist }, signal),
    open: async (ttlMs, signal) => {
      signal.throwIfAborted();
      const session = await openSession(root, { ttlMs, clock, uptime });
      sessions.add(session);
      void session.untilEnded.finally(() => sessions.delete(session));
      return session;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...sessions].map((session) => session.abandon()));
    },
  };
}
