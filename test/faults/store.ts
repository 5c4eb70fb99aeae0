/** What the fault suite asks of a store, so that each fault is written once for every keyspace. */

import type { Certificates } from "../real/certificates.ts";
import type { Host } from "./network.ts";

/** A real store of one member or three, each in a network namespace of its own. */
export interface Store {
  readonly kind: "etcd" | "zookeeper";
  /** For a configuration: all members. */
  readonly url: string;
  readonly members: readonly Member[];
  /** Those of a client, where it serves TLS. */
  readonly certificates: Certificates | undefined;
  /** The member that leads now; the only one where there is one. Rejects while there is none. */
  leader(): Promise<Member>;
  /** The members that serve clients, as they say themselves. */
  serving(): Promise<readonly Member[]>;
  /**
   * Everything below a folder, and whose it is: asked of one member after the other until one that is up to
   * date answers. Rejects where none does within a second or so.
   */
  read(folder: string): Promise<Reading>;
  /** Writes an entry that no session holds, as an operator would. */
  write(key: string, value: string): Promise<void>;
  /** Removes an entry, whoever holds it. */
  remove(key: string): Promise<void>;
  /** The ids of the sessions (the leases) that hold entries or could, without those of this object. */
  sessions(): Promise<readonly string[]>;
  /** Ends a session and its entries, as an administrator can. */
  endSession(id: string): Promise<void>;
}

export interface Reading {
  readonly entries: ReadonlyMap<string, Held>;
  /** How often something came or went so far, by the store's own count: in each folder, or in all as `""`. */
  readonly changes: ReadonlyMap<string, number>;
}

export interface Held {
  readonly value: string;
  /** The session, as `sessions` names it; undefined where nobody's session holds the entry. */
  readonly owner: string | undefined;
  /** The transaction that made the entry: another one where it was removed and made anew. */
  readonly made: string;
}

export interface Member {
  readonly name: string;
  readonly host: Host;
  /** `address:port` for clients. */
  readonly endpoint: string;
  readonly pid: number;
  /** Where its data is: a folder that a test may mount something at before the member is started. */
  readonly folder: string;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
  /** Starts it again where it was, with its data unless `wiped`; resolves once the process answers. */
  restart(how?: { readonly wiped?: boolean }): Promise<void>;
  /** SIGSTOP */
  freeze(): void;
  /** SIGCONT */
  thaw(): void;
}
