import type { Entry } from "../model/entry.ts";
import type { Endpoint, Pool, Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Memo } from "./memo.ts";
import type { Weightings } from "./policies/contract.ts";
import type { Sources } from "./sources.ts";

/** How much templates see at most; the rest is quarantined. */
export interface Limits {
  readonly services: number;
  /** The instances of a service. */
  readonly instances: number;
  /** The bytes of the value of an instance's entry. */
  readonly value: number;
}

/** All services at one moment. */
export interface Pools {
  /** Where the instances of the services are. */
  readonly sources: Sources;
  readonly limits: Limits;
  readonly snapshot: Snapshot;
  /** In order of name. */
  readonly byName: ReadonlyMap<string, Pool>;
  /** The services that `limits.services` leaves out. */
  readonly beyond: ReadonlyMap<string, Pool>;
  /** The quarantined entries by service, and those of the folder itself under "/"; services without any are absent. */
  readonly quarantined: ReadonlyMap<string, readonly Quarantined[]>;
  /** The decoded entries and chunks below the folder of the services, so that each is decoded once. */
  readonly memo: Memo;
  /** What policies came to for each instance; absent before them, and without any. */
  readonly weightings?: Weightings;
}

/** How much a service may lose before the mass-loss guard retains its instances. */
export interface GuardRule {
  /** The maximum share of its instances, 0 to 1, that a service may lose within `retainMs`. The loss of one is permitted. */
  readonly maxLoss: number;
  /** A loss that leaves fewer instances than this is not permitted either. */
  readonly min: number;
  /** How long lost instances are retained, in milliseconds. */
  readonly retainMs: number;
  /** Whether a service without any instances keeps its last ones until it has new ones, however long that takes. */
  readonly keepEmpty: boolean;
}

export interface GuardRules {
  readonly all: GuardRule;
  /** By name, the rules of services that do not follow `all`. */
  readonly services: Readonly<Record<string, GuardRule>>;
}

/** A quarantined entry, and since when it is, in milliseconds on the caller's clock. */
export interface QuarantinedSince extends Quarantined {
  readonly sinceMs: number;
}

/** The keyspace as observed, and as templates see it. */
export interface Guarded {
  readonly observed: Pools;
  /** The observed services with the retained instances in their last state. */
  readonly effective: Pools;
  /** By service, the recent losses. */
  readonly losses: ReadonlyMap<string, Loss>;
}

/** The recent loss of a service. Times are milliseconds on the caller's clock. */
export interface Loss {
  /** The number of instances that take requests. */
  readonly live: number;
  /** The numbers of such instances before, in descending order. */
  readonly peaks: readonly Peak[];
  /** The lost instances that templates still see. */
  readonly retained: readonly RetainedEndpoint[];
}

/** A number of instances, against which a loss is measured until `untilMs`. */
export interface Peak {
  readonly live: number;
  readonly untilMs: number;
}

export interface RetainedEndpoint {
  readonly endpoint: Endpoint;
  readonly entry: Entry;
  /** When it was lost. */
  readonly sinceMs: number;
  /** Infinite if it is retained until there are new instances. */
  readonly untilMs: number;
}
