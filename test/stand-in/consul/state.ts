import { Acl } from "./answers.ts";
import { Catalog } from "./catalog.ts";
import { failed } from "./errors.ts";
import { Indexes } from "./indexes.ts";
import { KeyValues, type Tables } from "./key-values.ts";
import { Sessions, type StoredSession } from "./sessions.ts";

export interface ConsulSettings {
  /** `session_ttl_min` of the server's configuration; Consul's default is 10 s. */
  readonly minTtlMs?: number;
  /** Where a service that stays critical is deregistered: Consul looks every 30 s, for one minute at least. */
  readonly reaper?: { readonly everyMs: number; readonly minAfterMs: number };
  readonly random?: () => number;
}

/** A snapshot of the state, to be restored later. */
export interface Snapshot {
  readonly tables: Tables;
  readonly sessions: readonly StoredSession[];
  readonly index: number;
}

/** The state of a Consul server that is its own agent. */
export class Consul {
  readonly indexes = new Indexes();
  readonly keys = new KeyValues(this.indexes);
  readonly acl = new Acl();
  readonly sessions: Sessions;
  readonly catalog: Catalog;
  readonly random: () => number;
  #hasLeader = true;

  constructor({
    minTtlMs = 10_000,
    reaper = { everyMs: 30_000, minAfterMs: 60_000 },
    random = Math.random,
  }: ConsulSettings = {}) {
    this.random = random;
    this.sessions = new Sessions(this.indexes, this.keys, { minTtlMs, random });
    const address = "127.0.0.1";
    const node = {
      ...{ ID: "40e4a748-2192-161a-0510-9bf59fe950b5", Node: "node-1", Address: address },
      ...{ Datacenter: "dc1", TaggedAddresses: { lan: address, wan: address }, Meta: {} },
    };
    this.catalog = new Catalog(node, this.indexes, reaper);
  }

  get hasLeader(): boolean {
    return this.#hasLeader;
  }

  assertLeader(): void {
    if (!this.#hasLeader) throw failed("No cluster leader");
  }

  loseLeader(): void {
    this.#hasLeader = false;
    this.sessions.stopTimers();
    this.indexes.wake();
  }

  electLeader(): void {
    this.#hasLeader = true;
    this.sessions.restartTimers();
  }

  save(): Snapshot {
    return { tables: this.keys.tables, sessions: this.sessions.all, index: this.indexes.last };
  }

  /** Everything is as it was, with the indexes of that time. */
  restore({ tables, sessions, index }: Snapshot): void {
    this.keys.restore(tables);
    this.sessions.restore(sessions);
    this.indexes.abandon(index);
  }

  stopTimers(): void {
    this.sessions.stopTimers();
    this.catalog.stopTimers();
  }
}
