import type { Quarantined } from "../model/pool.ts";
import type { Verdict } from "../model/verdict.ts";

/** A fault: its code and its sentence. */
export interface FaultStatus {
  readonly code: string;
  readonly message: string;
}

/** `unknown` until a loop has succeeded or failed for the first time. */
export type LoopState = "unknown" | "ok" | "failing";

/** The state of one loop of an agent. Times are milliseconds on the clock of the agent. */
export interface LoopFacts {
  /** What it does, for people: `health checks`, `haproxy.cfg`. */
  readonly name: string;
  readonly state: LoopState;
  /** Since when the state has not changed. */
  readonly sinceMs: number;
  /** When it last succeeded or failed. */
  readonly lastMs: number;
  /** By when it has to report again; undefined while it only waits for changes. */
  readonly dueMs: number | undefined;
  /** Why it fails; undefined where it does not. */
  readonly fault: FaultStatus | undefined;
}

/** What the agents of a process know of themselves at one moment. */
export interface Facts {
  readonly version: string;
  readonly pid: number;
  readonly startedMs: number;
  readonly isShuttingDown: boolean;
  /** `loops` are those that find out whether the keyspace is reachable. */
  readonly keyspace: { readonly url: string; readonly loops: readonly LoopFacts[] };
  /** All loops, those that follow the keyspace included. */
  readonly loops: readonly LoopFacts[];
  /** Undefined where no presence agent runs. */
  readonly presence: PresenceStatus | undefined;
  /** Undefined where no watcher runs. */
  readonly watch: WatchFacts | undefined;
}

export interface WatchFacts {
  readonly templates: readonly TemplateFacts[];
  /** The entries that no template reads. */
  readonly quarantined: readonly Quarantined[];
  readonly retained: readonly RetainedFacts[];
  /** The cached snapshot that is in use; undefined once the keyspace was reached. */
  readonly cachedSnapshot: CachedSnapshotStatus | undefined;
}

/** A service that has lost more instances than the guard allows, and keeps them. */
export interface RetainedFacts {
  readonly service: string;
  /** How many of its lost instances are retained. */
  readonly retained: number;
  /** How many other instances it has. */
  readonly live: number;
  /** Until when; infinite for as long as it has no others. */
  readonly untilMs: number;
}

export interface TemplateFacts {
  /** The path of the file. */
  readonly target: string;
  /** The revision of the keyspace with which it was last verified to be in sync; undefined where it never was. */
  readonly revision: string | undefined;
  /** The loop that writes it. */
  readonly loop: LoopFacts;
}

/** The status of the agents of a process: plain data, the body of `/status`. Durations are milliseconds. */
export interface StatusReport {
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: number;
  /** `shutting down` from the first signal on, while the instances are drained. */
  readonly phase: "running" | "shutting down";
  readonly keyspace: KeyspaceStatus;
  readonly presence?: PresenceStatus;
  readonly watch?: WatchStatus;
  readonly loops: readonly LoopStatus[];
  /** What the lists lack, so that `/status` is at most 1 MB; absent where they are complete. */
  readonly omitted?: OmittedStatus;
}

/** How many items the lists of a report lack: first those that need no attention. */
export interface OmittedStatus {
  readonly instances: number;
  /** How many of these instances are registered. */
  readonly registered: number;
  /** How many of these instances are registered and draining. */
  readonly draining: number;
  /** Of both agents. */
  readonly quarantined: number;
  readonly retained: number;
  readonly templates: number;
  /** How many of these templates are in sync. */
  readonly inSync: number;
  readonly loops: number;
}

export interface LoopStatus {
  readonly name: string;
  readonly state: LoopState;
  /** How long the state has not changed. */
  readonly forMs: number;
  /** How long ago it last succeeded or failed. */
  readonly agoMs: number;
  /** By how much it has missed its deadline; absent where it has not. Such a loop is stalled. */
  readonly lateMs?: number;
  readonly fault?: FaultStatus;
}

export interface KeyspaceStatus {
  readonly url: string;
  /** Absent until it is known. */
  readonly reachable?: boolean;
  /** How long `reachable` has not changed. */
  readonly forMs: number;
  readonly fault?: FaultStatus;
}

export interface PresenceStatus {
  readonly instances: readonly InstanceStatus[];
  /** Every discovery has completed at least once. */
  readonly isComplete: boolean;
  /** Discovered things that are not registered, because their settings are invalid. */
  readonly quarantined: readonly { readonly what: string; readonly why: string }[];
}

export interface InstanceStatus {
  /** `<service>/<id>` */
  readonly name: string;
  readonly verdict: Verdict;
  /** What the failing checks report; empty where none fails. */
  readonly why: string;
  /** The keyspace has its entry, as far as is known. */
  readonly registered: boolean;
  /** It gets no new requests, and is about to be deregistered. */
  readonly draining: boolean;
}

export interface WatchStatus {
  readonly templates: readonly TemplateStatus[];
  readonly quarantined: readonly Quarantined[];
  readonly retained: readonly RetainedStatus[];
  readonly cachedSnapshot?: CachedSnapshotStatus;
}

export interface RetainedStatus extends Pick<RetainedFacts, "service" | "retained" | "live"> {
  /** For how much longer; absent where it is for as long as the service has no others. */
  readonly forMs?: number;
}

/** A snapshot of the keyspace that was saved on disk. */
export interface CachedSnapshotStatus {
  /** ISO 8601 */
  readonly savedAt: string;
  readonly revision: string;
}

export interface TemplateStatus {
  readonly target: string;
  /** The revision of the keyspace with which it was last verified to be in sync; absent where it never was. */
  readonly revision?: string;
  /** The state of the file and the proxy that reads it: a file that is only written is not in sync yet. */
  readonly state: "unknown" | "in sync" | "failing";
  readonly fault?: FaultStatus;
}
