import type { Level } from "../../lib/base/log.ts";
import type { OpenKeyspaces } from "../../lib/keyspace/mounts/open-keyspaces.ts";
import type { ReadConfiguration } from "./reloads.ts";

/** Where the configuration of a process can be read again, and what is opened for it. */
export interface ReloadSource {
  /** Reads and validates it. Throws a fault for one that is not valid. */
  readonly read: () => Promise<ReadConfiguration>;
  readonly keyspaces: Pick<OpenKeyspaces, "prepare" | "replace" | "closeUnused">;
  /** Sets the lowest level to log. */
  readonly setLevel: (level: Level) => void;
  /** Calls `reload` with the reason whenever a reload is asked for, other than at the control socket, until `signal` aborts. */
  readonly follow: (
    reload: (why: string) => Promise<unknown>,
    signal: AbortSignal,
  ) => Promise<void>;
}
