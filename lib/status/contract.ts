import type { Quarantined } from "../model/pool.ts";
import type { Verdict } from "../model/verdict.ts";
import type { FileState } from "../model/watcher-file.ts";
import type { DestinationStatus, InstanceDestinationStatus } from "./destination-status.ts";
import type { FaultStatus, LoopStatus } from "./loop-status.ts";
import type { ReportStatus, SuspectStatus } from "./suspect-contract.ts";

/** The status of the agents of a process: plain data, the body of `/status`. Times are ISO 8601 in UTC. */
export interface StatusReport extends Assessment, Observation {}

/** What follows from an observation: see `assess`. */
export interface Assessment {
  /** The process works; where it does not, a restart helps. */
  readonly healthy: boolean;
  /** It has registered what is healthy, and its proxy runs and serves a configuration that was verified. */
  readonly ready: boolean;
  /** Anything that should be so is not. */
  readonly degraded: boolean;
  /** Why, the worst first; empty where it is not degraded. */
  readonly reasons: readonly Reason[];
}

/** Something that is not as it should be. */
export interface Reason {
  readonly kind: ReasonKind;
  /** The event and its subject, with the cause. */
  readonly message: string;
  /** Absent where it is not known. */
  readonly since?: string;
  /** How many reasons of its kind it stands for; absent if it is one. */
  readonly count?: number;
  /** Two clauses: the state served meanwhile, and the action to take. Empty where there is nothing to add. */
  readonly meanwhile: string;
  readonly advice: string;
}

/** The kinds of reasons, the worst first. */
export type ReasonKind =
  | "stalled"
  | "proxy down"
  | "not in sync yet"
  | "shutting down"
  | "discovering"
  | "not checked yet"
  | "not registered"
  | "not served yet"
  | "keyspace unreachable"
  | "destination failing"
  | "waiting to list"
  | "file failing"
  | "template unusable"
  | "out of sync"
  | "loop failing"
  | "last one kept"
  | "failing in destination"
  | "failing at proxies"
  | "instance unhealthy"
  | "cached snapshot"
  | "pinned"
  | "retained"
  | "standby"
  | "quarantined";

/** The state of everything that the agents of a process look at, at one moment. */
export interface Observation {
  readonly version: string;
  readonly pid: number;
  /** The files of the configuration, as absolute paths. */
  readonly configuration: readonly string[];
  /** When the report was made. */
  readonly at: string;
  /** When the agents were started. */
  readonly since: string;
  /** `shutting down` from the first signal on, while the instances are drained. */
  readonly phase: "running" | "shutting down";
  readonly keyspace: KeyspaceStatus;
  /** The mounted keyspaces that are used; absent where there are none. */
  readonly mounts?: readonly MountStatus[];
  readonly presence?: PresenceStatus;
  readonly watch?: WatchStatus;
  readonly loops: readonly LoopStatus[];
  /** What the lists lack, so that `/status` is at most 1 MB; absent where they are complete. */
  readonly omitted?: OmittedStatus;
}

/** How many items the lists of a report lack: first those that need no attention. */
export interface OmittedStatus {
  readonly reasons: number;
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

export interface KeyspaceStatus {
  readonly url: string;
  /** Absent until it is known. */
  readonly reachable?: boolean;
  /** Since when `reachable` has not changed. */
  readonly since?: string;
  readonly fault?: FaultStatus;
}

/** A keyspace that is mounted. */
export interface MountStatus extends KeyspaceStatus {
  /** The folder below which its keys are visible. */
  readonly folder: string;
}

export interface PresenceStatus {
  readonly instances: readonly InstanceStatus[];
  /** Absent where there are none. */
  readonly destinations?: readonly DestinationStatus[];
  /** Every discovery has completed at least once. */
  readonly isComplete: boolean;
  /** Discovered things that are not registered, because their settings are invalid. */
  readonly quarantined: readonly QuarantinedThing[];
  /** The instances that readiness waits for after the start, empty until they are known; absent if it waits for none. */
  readonly unserved?: readonly UnservedStatus[];
}

/** A healthy instance that the proxies of some watchers do not serve yet. */
export interface UnservedStatus {
  /** `<service>/<id>` */
  readonly name: string;
  /** Names the watchers that are missing. */
  readonly why: string;
}

/** A discovered thing that is not registered. */
export interface QuarantinedThing {
  readonly what: string;
  readonly why: string;
  readonly since: string;
}

/** An entry that the files lack, or a part of it. */
export interface QuarantinedStatus extends Quarantined {
  readonly since: string;
}

export interface InstanceStatus {
  /** `<service>/<id>` */
  readonly name: string;
  readonly verdict: Verdict;
  /** Since when the verdict has not changed; absent for an instance without checks. */
  readonly since?: string;
  /** What the failing checks report; empty where none fails. */
  readonly why: string;
  /** The keyspace and all destinations have it, as far as is known; while it drains, the keyspace. */
  readonly registered: boolean;
  /** It was registered since it became healthy: a session that expires does not make it new. */
  readonly wasRegistered: boolean;
  /** The session that owns its entry, where that is another agent's: this one takes over when that ends. */
  readonly standbyFor?: string;
  /** It gets no new requests, and is about to be deregistered, or is already. */
  readonly draining: boolean;
  /** Present if it is draining. */
  readonly drain?: DrainStatus;
  /** The weight that was requested, and since when; absent without a request. */
  readonly requestedWeight?: { readonly weight: number; readonly since: string };
  /** Its state in each of its destinations; absent where it has none. */
  readonly destinations?: readonly InstanceDestinationStatus[];
  /** What proxies report of it; absent if they report nothing. */
  readonly proxies?: ReportStatus;
}

export interface DrainStatus {
  /** It was requested, its container or program is stopped, or the agent stops. */
  readonly reason: "request" | "stop" | "shutdown";
  readonly since: string;
  /** Until when the instance stays registered at the most; absent where that is until the agent has stopped. */
  readonly until?: string;
  /** The watchers that have not acknowledged, if the drain waits for them. */
  readonly waitingFor: readonly string[];
}

export interface WatchStatus {
  readonly templates: readonly TemplateStatus[];
  readonly quarantined: readonly QuarantinedStatus[];
  readonly retained: readonly RetainedStatus[];
  /** The entries that are served, and point to whichever host reads them; absent where there are none. */
  readonly doubted?: DoubtedStatus;
  readonly cachedSnapshot?: CachedSnapshotStatus;
  /** The instances that its proxies fail to use, and the first of them; absent if there are none. */
  readonly suspects?: { readonly count: number; readonly first: readonly SuspectStatus[] };
}

/** Entries of other hosts that point to loopback, link-local or metadata addresses. They do not make an agent degraded. */
export interface DoubtedStatus {
  readonly count: number;
  /** The first ones. */
  readonly entries: readonly QuarantinedStatus[];
}

/** A service that has lost more instances than the guard allows, and keeps them. */
export interface RetainedStatus {
  readonly service: string;
  /** How many of its lost instances are retained. */
  readonly retained: number;
  /** How many other instances it has. */
  readonly live: number;
  readonly since: string;
  /** Until when; absent where it is for as long as the service has no others. */
  readonly until?: string;
}

/** A snapshot of the keyspace that was saved on disk. */
export interface CachedSnapshotStatus {
  /** ISO 8601 */
  readonly savedAt: string;
  readonly revision: string;
}

/** The texts of a generation that stay, whatever the keyspace has. */
export interface PinStatus {
  readonly generation: number;
  /** Why, as the operator has given it. */
  readonly reason: string;
  readonly since: string;
  readonly until: string;
  /** How many drained instances are not acknowledged, since the file may still send them requests. */
  readonly drainsWaiting: number;
}

/** The turn of a proxy to reload, which the watchers of a group have one after the other. */
export interface TurnStatus {
  /** The name that these watchers have in common. */
  readonly group: string;
  readonly state: "waiting" | "held";
  readonly since: string;
  /** The place in the queue, 1 for the first; absent until it is known. */
  readonly place?: number;
}

/** The state of a file and the proxy that reads it: a file that is only written is not in sync yet. */
export interface TemplateStatus {
  readonly target: string;
  /** The revision of the keyspace with which it was last verified to be in sync; absent where it never was. */
  readonly revision?: string;
  readonly state: FileState;
  readonly since: string;
  /** What differs, or why the proxy counts as down; empty where there is nothing to tell. */
  readonly why: string;
  /** Why it fails, and since when; present even where the proxy is down, which is worse. */
  readonly fault?: FaultStatus & { readonly since: string };
  /** Why the template, as it is on the disk now, cannot be used; absent if it can. The previous one is used. */
  readonly unusable?: FaultStatus & { readonly since: string };
  /** Absent unless it is pinned. */
  readonly pinned?: PinStatus;
  /** Its turn to reload; absent unless it waits for that or has it. */
  readonly turn?: TurnStatus;
}
