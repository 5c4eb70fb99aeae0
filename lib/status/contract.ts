import type { Quarantined } from "../model/pool.ts";
import type { Verdict } from "../model/verdict.ts";

/** A fault as it is shown: its code and its sentence. */
export interface FaultStatus {
  readonly code: string;
  readonly message: string;
}

/** `unknown` until a loop has got somewhere for the first time, or has found out why it cannot. */
export type LoopState = "unknown" | "works" | "fails";

/** What is known of one of an agent's loops. Times are milliseconds on the clock of the agent. */
export interface LoopFacts {
  /** What it does, for people: `health checks`, `/etc/haproxy/haproxy.cfg`. */
  readonly name: string;
  readonly state: LoopState;
  /** Since when the state is what it is. */
  readonly sinceMs: number;
  /** When it last got somewhere, or found out why it cannot. */
  readonly lastMs: number;
  /** By when it has to come round again; undefined while it has nothing to do but to wait for news. */
  readonly dueMs: number | undefined;
  /** Why it fails, or undefined where it does not. */
  readonly fault: FaultStatus | undefined;
}

/** What an agent knows of itself at one moment, as it is handed in. */
export interface Facts {
  readonly version: string;
  readonly pid: number;
  readonly startedMs: number;
  /** `loops` are those that follow it: they find out whether it can be reached. */
  readonly keyspace: { readonly url: string; readonly loops: readonly LoopFacts[] };
  /** All of them, those that follow the keyspace too. */
  readonly loops: readonly LoopFacts[];
  /** Undefined where this agent announces nobody. */
  readonly presence: PresenceStatus | undefined;
  /** Undefined where this agent keeps no files. */
  readonly watch: WatchFacts | undefined;
}

export interface WatchFacts {
  readonly templates: readonly TemplateFacts[];
  /** The entries that no template gets to see. */
  readonly quarantined: readonly Quarantined[];
  readonly retained: readonly RetainedFacts[];
  /** What was known before the start, while the keyspace has not been reached since. */
  readonly cachedSnapshot: CachedSnapshotStatus | undefined;
}

/** A service that has lost more than is believed, and is shown as it was. */
export interface RetainedFacts {
  readonly service: string;
  /** How many of its instances have gone and are shown all the same. */
  readonly retained: number;
  /** How many others it has. */
  readonly live: number;
  /** Until when; infinite for as long as it has no others. */
  readonly untilMs: number;
}

export interface TemplateFacts {
  /** The file. */
  readonly target: string;
  /** The revision of the keyspace that was last proved to be in force; undefined where none was yet. */
  readonly revision: string | undefined;
  /** The loop that writes it. */
  readonly loop: LoopFacts;
}

/** What an agent says of itself: plain data, which `/status` shows as it is. How long ago is in milliseconds. */
export interface StatusReport {
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: number;
  readonly keyspace: KeyspaceStatus;
  readonly presence?: PresenceStatus;
  readonly watch?: WatchStatus;
  readonly loops: readonly LoopStatus[];
}

export interface LoopStatus {
  readonly name: string;
  readonly state: LoopState;
  /** How long the state is what it is. */
  readonly forMs: number;
  /** How long ago it last came round. */
  readonly agoMs: number;
  /** By how much it is late; absent where it is not. Such a loop hangs: nothing else would let it be late. */
  readonly lateMs?: number;
  readonly fault?: FaultStatus;
}

export interface KeyspaceStatus {
  readonly url: string;
  /** Absent until it is known. */
  readonly reachable?: boolean;
  /** How long that is so. */
  readonly forMs: number;
  readonly fault?: FaultStatus;
}

export interface PresenceStatus {
  readonly instances: readonly InstanceStatus[];
  /** Everybody who may be here was looked for: an engine that was not asked yet may know of more. */
  readonly isComplete: boolean;
  /** What was found and is not announced, because it makes no sense. */
  readonly quarantined: readonly { readonly what: string; readonly why: string }[];
}

export interface InstanceStatus {
  /** `<service>/<id>` */
  readonly name: string;
  readonly verdict: Verdict;
  /** What its failing checks said; empty when it is not down. */
  readonly why: string;
  /** The keyspace has its entry, as far as we know. */
  readonly registered: boolean;
  /** It is about to leave, and takes no new requests. */
  readonly draining: boolean;
}

export interface WatchStatus {
  readonly templates: readonly TemplateStatus[];
  readonly quarantined: readonly Quarantined[];
  readonly retained: readonly RetainedStatus[];
  readonly cachedSnapshot?: CachedSnapshotStatus;
}

export interface RetainedStatus extends Pick<RetainedFacts, "service" | "retained" | "live"> {
  /** For how long; absent where it is for as long as it has no others. */
  readonly forMs?: number;
}

/** A snapshot of the keyspace that was kept on disk. */
export interface CachedSnapshotStatus {
  /** ISO 8601 */
  readonly savedAt: string;
  readonly revision: string;
}

export interface TemplateStatus {
  readonly target: string;
  /** The revision of the keyspace that was last proved to be in force; absent where none was yet. */
  readonly revision?: string;
  /** What is known of whoever reads the file: written is not yet served. */
  readonly state: "unknown" | "served" | "failed";
  readonly fault?: FaultStatus;
}

/** Has instances leave, of which the report has each. What has begun goes on when `signal` aborts; only the wait for it ends then. */
export type Drain = (request: DrainRequest, signal: AbortSignal) => Promise<Drained>;

/** What is asked for by `POST /drain`. */
export interface DrainRequest {
  /** `<service>/<id>` of each; all there are where none is named. */
  readonly names: readonly string[];
  /** How long they are draining before they are removed. */
  readonly forMs: number;
  /** They are removed sooner, once every watcher that serves them has acknowledged; `forMs` is the limit. */
  readonly wait: boolean;
}

/** What came of it: the keyspace has them no more. */
export interface Drained {
  readonly drained: readonly string[];
  /** Who had not acknowledged at the limit. */
  readonly missing: readonly { readonly name: string; readonly watcher: string }[];
}
