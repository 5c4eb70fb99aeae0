import type { Decoded } from "../model/decode.ts";
import type { Entry } from "../model/entry.ts";
import type { Endpoint, Pool, Quarantined } from "../model/pool.ts";
import type { Chunk, Snapshot } from "../model/snapshot.ts";

/** All services at one moment. */
export interface Pools {
  /** The folder whose sub-folders are the services. */
  readonly folder: string;
  readonly snapshot: Snapshot;
  /** In order of name. */
  readonly byName: ReadonlyMap<string, Pool>;
  /** The entries of each service that were left out; services without any are absent. */
  readonly quarantined: ReadonlyMap<string, readonly Quarantined[]>;
  /** What entries and chunks were read as, so that nothing is read twice. */
  readonly memo: Memo;
}

/** The endpoints of a run of entries of one service. */
export interface DecodedChunk {
  readonly good: readonly Endpoint[];
  readonly bad: readonly Quarantined[];
  /** Those of `good` whose id is not their address: without them, no address can occur twice. */
  readonly odd: readonly Endpoint[];
}

export interface Memo {
  readonly chunks: WeakMap<Chunk, DecodedChunk>;
  readonly entries: WeakMap<Entry, Decoded>;
}

/** What a service may lose before it is taken for a mistake. */
export interface GuardRule {
  /** The greatest share of its instances, 0 to 1, that a service may lose within `holdMs`. One instance is always believed. */
  readonly maxLoss: number;
  /** A loss that leaves fewer instances than this is not believed either. */
  readonly min: number;
  /** How long what went is shown all the same, in milliseconds. */
  readonly retainMs: number;
  /** Whether a service that has none left keeps its last ones until it has others, however long that takes. */
  readonly keepEmpty: boolean;
}

export interface GuardRules {
  readonly all: GuardRule;
  /** Those of services that have rules of their own. */
  readonly services: Readonly<Record<string, GuardRule>>;
}

/** What is shown of the keyspace, beside what it says. */
export interface Guarded {
  /** What the keyspace says. */
  readonly observed: Pools;
  /** The same, with the instances that are held: they are as they were last. */
  readonly effective: Pools;
  /** By service, where one has fewer instances than it had a while ago. */
  readonly losses: ReadonlyMap<string, Loss>;
}

/** What a service has lost of late. Times are milliseconds on the clock of the caller. */
export interface Loss {
  /** How many instances it takes requests with. */
  readonly live: number;
  /** How many it had before, and until when that counts; the most first. */
  readonly peaks: readonly Peak[];
  /** Those that went and are shown all the same. */
  readonly retained: readonly RetainedEndpoint[];
}

export interface Peak {
  readonly live: number;
  readonly untilMs: number;
}

export interface RetainedEndpoint {
  readonly endpoint: Endpoint;
  readonly entry: Entry;
  /** Infinite where it is kept until there are others. */
  readonly untilMs: number;
}
