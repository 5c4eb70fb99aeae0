import type { Generation } from "../journal/contract.ts";
import type { FileState, WatcherFile, WatcherFiles } from "../model/watcher-file.ts";
import type { Reason } from "../status/contract.ts";
import type { DestinationStatus, InstanceDestinationStatus } from "../status/destination-status.ts";

/**
 * What an operator asks of an agent at 3 a.m., in this order: plain data, the source of the page, of `sidekick top` and of the
 * plain text at `/`. Times are ISO 8601 in UTC.
 */
export interface Overview {
  readonly version: string;
  readonly hostName: string;
  readonly pid: number;
  /** The URL of the keyspace without credentials. */
  readonly keyspace: string;
  /** When it was made. */
  readonly at: string;
  /** One sentence: is what is served what should be? Since when not, and what is served meanwhile. */
  readonly verdict: OverviewVerdict;
  /** Why not, the worst first, with key, revision and the words of the program that refused; empty if nothing is wrong. */
  readonly reasons: readonly Reason[];
  /** In the order of names; both what this process registers and what its watcher reads. */
  readonly services: readonly OverviewService[];
  /** The places beside the keyspace in which instances are registered; absent where there are none. */
  readonly destinations?: readonly OverviewDestination[];
  /** The files with their proxies, in the order of the configuration. */
  readonly files: readonly OverviewFile[];
  /** The generations of the last 15 minutes, the latest first. */
  readonly changes: readonly Generation[];
  /** All watchers of the keyspace, this one first; empty where their folder is not read. */
  readonly watchers: readonly FleetWatcher[];
  /** What to type, the most useful first. */
  readonly commands: readonly string[];
  /** How many items the lists lack, so that an overview is at most 1 MB; absent where they are complete. */
  readonly omitted?: { readonly instances: number; readonly changes: number };
}

export interface OverviewVerdict {
  readonly state: "in sync" | "degraded" | "unhealthy" | "starting" | "shutting down";
  readonly sentence: string;
  /** Absent if nothing is wrong. */
  readonly since?: string;
  /** The state that is served meanwhile; absent if nothing is wrong. */
  readonly meanwhile?: string;
}

export interface OverviewService {
  readonly name: string;
  /** How many instances there are in each state; states without any are absent. */
  readonly counts: Readonly<Partial<Record<InstanceState, number>>>;
  /** The ones that need attention first, then in the order of their names. */
  readonly instances: readonly OverviewInstance[];
}

/**
 * `serving`: a proxy was verified to send it requests, or a file without one to have it; or it is registered, and no watcher runs.
 * `not served`: no proxy has it yet, or the ones that do are down. `standby`: another entry or agent takes its
 * place, or a policy of this watcher leaves it to other watchers. The others do not take requests, except `retained` ones.
 */
export type InstanceState =
  | "serving"
  | "draining"
  | "retained"
  | "quarantined"
  | "unhealthy"
  | "not served"
  | "unknown"
  | "standby"
  | "not registered";

export interface OverviewInstance {
  /** `<service>/<id>` */
  readonly name: string;
  /** `10.0.0.1:80`; absent where it is unknown. */
  readonly address?: string;
  readonly state: InstanceState;
  readonly weight?: number;
  /** Why it takes no requests: the check's words, until when it drains, what is wrong with its entry; or why it takes some although its entry is another one. Usually empty if it takes some. */
  readonly why: string;
  readonly since?: string;
  /** Of its entry; absent where there is none. */
  readonly key?: string;
  readonly revision?: string;
}

export interface OverviewDestination
  extends Pick<DestinationStatus, "name" | "state" | "since" | "settings"> {
  /** What its requests fail for; empty if they succeed. */
  readonly why: string;
  /** How many instances of this process are in each state there. */
  readonly counts: Readonly<Partial<Record<InstanceDestinationStatus["state"], number>>>;
}

export interface OverviewFile {
  readonly target: string;
  readonly state: FileState;
  readonly since: string;
  /** What differs, or what was refused; empty where there is nothing to tell. */
  readonly why: string;
  /** The revision with which it was last verified; absent where it never was. */
  readonly revision?: string;
  /** The last generation that changed it; absent where the journal has none. */
  readonly generation?: number;
}

/** A watcher of the keyspace, as its entry has it. */
export interface FleetWatcher {
  /** The last part of its key: `<host>.<pid>.<mark>`. */
  readonly id: string;
  /** Whether it is the one of this process. */
  readonly isSelf: boolean;
  readonly prefixes: readonly string[];
  /** In the order of its configuration; empty for a watcher of an older version. */
  readonly files: readonly WatcherFile[];
  /** How many files its entry has no room for, by state; absent where it has all. */
  readonly more?: WatcherFiles["more"];
  /** What its proxies have against instances, by path, with the proxies as the subject: `cannot connect to it`. Absent if they have nothing. */
  readonly suspects?: Readonly<Record<string, string>>;
}
