/** The store of a keyspace for the fault suite, so that each fault is written once for all keyspaces. */

import type { Certificates } from "../real/certificates.ts";
import type { Host } from "./network.ts";

/** A real store of one member or three, each in a network namespace of its own. */
export interface Store {
  readonly kind: "etcd" | "zookeeper";
  /** The URL of the keyspace, with all members. */
  readonly url: string;
  readonly members: readonly Member[];
  /** The certificates of a client; undefined without TLS. */
  readonly certificates: Certificates | undefined;
  /** The current leader; the member of a store of one. Rejects while there is none. */
  leader(): Promise<Member>;
  /** The members that report that they serve clients. */
  serving(): Promise<readonly Member[]>;
  /**
   * The entries below a folder with their sessions. Calls one member after the other until one that is up to date
   * answers. Rejects if none does within about a second.
   */
  read(folder: string): Promise<Reading>;
  /** Writes an entry without a session, like an operator does. */
  write(key: string, value: string): Promise<void>;
  /** Removes an entry of any session. */
  remove(key: string): Promise<void>;
  /** The ids of the sessions (leases), without the sessions of this object. */
  sessions(): Promise<readonly string[]>;
  /** Ends a session and its entries, as an administrator can. */
  endSession(id: string): Promise<void>;
}

export interface Reading {
  readonly entries: ReadonlyMap<string, StoredEntry>;
  /** The number of changes so far, as counted by the store: of each folder, or of all as `""`. */
  readonly changes: ReadonlyMap<string, number>;
}

export interface StoredEntry {
  readonly value: string;
  /** The id of its session; undefined if it has none. */
  readonly owner: string | undefined;
  /** The transaction that created the entry. It differs after the entry was removed and created again. */
  readonly created: string;
}

export interface Member {
  readonly name: string;
  readonly host: Host;
  /** `address:port` for clients. */
  readonly endpoint: string;
  readonly pid: number;
  /** Its data folder. A test may mount a file system there before it starts the member. */
  readonly folder: string;
  /** Sends SIGKILL and waits until the process has ended. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with its data unless `wiped`. Resolves once the process answers. */
  restart(how?: { readonly wiped?: boolean }): Promise<void>;
  /** SIGSTOP */
  freeze(): void;
  /** SIGCONT */
  thaw(): void;
}
