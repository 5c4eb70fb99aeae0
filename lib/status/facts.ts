import type { Quarantined } from "../model/pool.ts";
import type {
  CachedSnapshotStatus,
  DrainStatus,
  InstanceStatus,
  PinStatus,
  QuarantinedThing,
  RetainedStatus,
  TurnStatus,
  UnservedStatus,
} from "./contract.ts";
import type { DestinationStatus, InstanceDestinationStatus } from "./destination-status.ts";
import type { FaultStatus, LoopState } from "./loop-status.ts";
import type { ReportStatus, SuspectStatus } from "./suspect-contract.ts";

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

/** A keyspace that is mounted at a folder, with the loops that find out whether it is reachable. */
export interface MountFacts {
  readonly folder: string;
  readonly url: string;
  readonly loops: readonly LoopFacts[];
}

/** What the agents of a process know of themselves at one moment. */
export interface Facts {
  readonly version: string;
  readonly pid: number;
  /** The files of the configuration, as absolute paths. */
  readonly configuration: readonly string[];
  readonly startedMs: number;
  readonly isShuttingDown: boolean;
  /** `loops` are those that find out whether the keyspace is reachable. */
  readonly keyspace: { readonly url: string; readonly loops: readonly LoopFacts[] };
  /** The mounted keyspaces that are used; absent where there are none. */
  readonly mounts?: readonly MountFacts[];
  /** All loops, those that follow the keyspace included. */
  readonly loops: readonly LoopFacts[];
  /** Undefined where no presence agent runs. */
  readonly presence: PresenceFacts | undefined;
  /** Undefined where no watcher runs. */
  readonly watch: WatchFacts | undefined;
}

export interface PresenceFacts {
  readonly instances: readonly InstanceFacts[];
  /** Every discovery has completed at least once. */
  readonly isComplete: boolean;
  /** Discovered things that are not registered, because their settings are invalid. */
  readonly quarantined: readonly (Omit<QuarantinedThing, "since"> & SinceMs)[];
  /** Absent where there are none. */
  readonly destinations?: readonly DestinationFacts[];
  /** As in the report. */
  readonly unserved?: readonly UnservedStatus[];
}

/** Since when something has been so, in milliseconds on the clock of the agent. */
interface SinceMs {
  readonly sinceMs: number;
}

/** A destination of the instances, with its loop. */
export interface DestinationFacts extends Pick<DestinationStatus, "name" | "settings"> {
  readonly loop: LoopFacts;
}

/** An instance in one of its destinations. */
export interface InstanceDestinationFacts
  extends Omit<InstanceDestinationStatus, "name" | "since" | "registered" | "kept"> {
  readonly destination: string;
  readonly sinceMs: number;
  readonly isRegistered: boolean;
  /** A request to register it was accepted, and none to deregister it since. */
  readonly wasRegistered: boolean;
  readonly isKept: boolean;
}

export interface InstanceFacts
  extends Omit<InstanceStatus, "since" | "drain" | "requestedWeight" | "destinations" | "proxies"> {
  /** Absent where it has no destinations. */
  readonly destinations?: readonly InstanceDestinationFacts[];
  /** Since when the verdict has not changed; undefined for an instance without checks. */
  readonly sinceMs: number | undefined;
  readonly drain?: DrainFacts;
  readonly requestedWeight?: { readonly weight: number; readonly sinceMs: number };
  readonly proxies?: ReportFacts;
}

/** What proxies report of an instance. */
export interface ReportFacts extends Omit<ReportStatus, "since">, SinceMs {}

/** The drain of an instance. */
export interface DrainFacts extends Pick<DrainStatus, "reason" | "waitingFor"> {
  readonly sinceMs: number;
  /** Until when the instance stays registered; infinite until the agent has stopped. */
  readonly untilMs: number;
}

export interface WatchFacts {
  readonly templates: readonly TemplateFacts[];
  /** The entries that no template reads. */
  readonly quarantined: readonly (Quarantined & SinceMs)[];
  readonly retained: readonly RetainedFacts[];
  /** The entries that are served, and point to whichever host reads them; absent as if there were none. */
  readonly doubted?: readonly (Omit<Quarantined, "count" | "isPartial"> & SinceMs)[];
  /** The cached snapshot that is in use; undefined once the keyspace was reached. */
  readonly cachedSnapshot: CachedSnapshotStatus | undefined;
  /** The instances that its proxies fail to use; absent if there are none. */
  readonly suspects?: {
    readonly count: number;
    readonly first: readonly (Omit<SuspectStatus, "since"> & SinceMs)[];
  };
}

export interface RetainedFacts extends Pick<RetainedStatus, "service" | "retained" | "live"> {
  readonly sinceMs: number;
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
  /** What the file and its proxy were last observed to be, between changes. */
  readonly observed: ObservedFacts;
  /** Why the template, as it is on the disk now, cannot be used; undefined if it can. */
  readonly unusable: UnusableFacts | undefined;
  /** Absent unless it is pinned to the texts of a generation. */
  readonly pinned?: PinFacts | undefined;
  /** Absent unless it waits for its turn to reload, or has it. */
  readonly turn?: TurnFacts | undefined;
}

/** Times are milliseconds on the clock of the agent. */
export interface TurnFacts extends Pick<TurnStatus, "group" | "state"> {
  readonly sinceMs: number;
  readonly place: number | undefined;
}

/** Times are milliseconds on the clock of the agent. */
export interface PinFacts extends Pick<PinStatus, "generation" | "reason" | "drainsWaiting"> {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A template that was edited and cannot be used, or that can no longer be read: the previous one is used. */
export interface UnusableFacts {
  readonly fault: FaultStatus;
  readonly sinceMs: number;
}

/** A file and the proxy that reads it, as they were last looked at. */
export interface ObservedFacts {
  /** `unknown` until they were looked at, and where that is not possible. */
  readonly state: "in sync" | "out of sync" | "proxy down" | "unknown";
  readonly sinceMs: number;
  /** What differs, or why the proxy counts as down; empty where there is nothing to tell. */
  readonly why: string;
}
