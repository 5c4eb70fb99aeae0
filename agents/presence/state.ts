import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Backoff } from "../../lib/base/retry.ts";
import { SharingMap } from "../../lib/base/sharing-map.ts";
import { type Candidates, noCandidates } from "../../lib/destination/decide.ts";
import type { Discovered, QuarantinedItem } from "../../lib/discover/contract.ts";
import type { ProgramStanding } from "../../lib/discover/program.ts";
import type { CheckConfig } from "../../lib/health/kinds.ts";
import type { CheckTriggers } from "../../lib/health/triggers.ts";
import type { HealthById } from "../../lib/health/watch.ts";
import type { OwnerStates } from "../../lib/keyspace/conflicts.ts";
import type { Keyspace, Session } from "../../lib/keyspace/contract.ts";
import type { HeldEntries } from "../../lib/keyspace/hand-over/owner-watch.ts";
import type { InUse } from "../../lib/keyspace/in-use.ts";
import type { Entries } from "../../lib/model/entry.ts";
import type { Standby } from "../../lib/model/hand-over-entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { emptyRegistration } from "../../lib/presence/entries.ts";
import type { Destinations } from "./destinations/destinations.ts";

export interface PresenceDeps {
  readonly keyspace: Keyspace;
  /** Counts the sessions in keyspaces that a reload of the configuration may replace. */
  readonly inUse?: InUse;
  /** Absent where there are none. */
  readonly destinations?: Destinations | undefined;
  /** The program that this process runs, if any: the configured instances are its own. */
  readonly program?: Cell<ProgramStanding | undefined> | undefined;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Called after each probe with the type of its check and its duration in milliseconds, for metrics. */
  readonly onProbe?: (type: string, tookMs: number) => void;
  /** Through which other parts of the process run the checks of an instance at once, by its name. */
  readonly triggers?: CheckTriggers;
  /** See `ServedDeps`. */
  readonly onServed?: (minShare: number, tookMs: number) => void;
}

/** How soon an unreachable keyspace, or a write that failed, is tried again. */
export const reconnect: Backoff = { firstMs: 100, maxMs: 2000 };

/** The instances of all discoveries together. */
export interface Discoveries extends Pick<Discovered<CheckConfig>, "found"> {
  readonly quarantined: readonly QuarantinedSince[];
  /** Each discovery has completed at least once. */
  readonly isComplete: boolean;
}

/** A quarantined item, and since when it is, in milliseconds of the clock. */
export interface QuarantinedSince extends QuarantinedItem {
  readonly sinceMs: number;
}

export const emptyDiscoveries: Discoveries = { found: [], quarantined: [], isComplete: false };

/** The state of a presence agent. Each cell has one writer: the step that is named. */
export interface PresenceState {
  /** The instances of this machine: `discover`. */
  readonly found: Cell<Discoveries>;
  /** What the checks conclude, by instance: `checkHealth`. */
  readonly health: Cell<HealthById>;
  /** The entries that the keyspace should have, by key: `keepDesired`. */
  readonly desired: Cell<Entries>;
  /** The entries below the folders of our services, of all agents; undefined until they were read: `watchOwnKeys`. */
  readonly observed: Cell<Snapshot | undefined>;
  /** The keys that the session of this agent holds: `keepRegistered`. */
  readonly confirmed: Cell<Set<string>>;
  /** The keys in the store of entries that are not simply at their keys, by key: `keepRegistered`. */
  readonly storeKeys: Cell<Map<string, string>>;
  /** The keys that any of its sessions has held since they are desired: `keepRegistered`. */
  readonly everConfirmed: Cell<Set<string>>;
  /** The session of this agent; undefined until one is open: `keepRegistered`. */
  readonly session: Cell<Session | undefined>;
  /** The desired entries that other agents hold with the same value: `keepRegistered`. */
  readonly held: Cell<HeldEntries>;
  /** Whether these agents are alive: `coordinate`. */
  readonly owners: Cell<OwnerStates>;
  /** The agent that waits for our entries; undefined if there is none: `coordinate`. */
  readonly standby: Cell<Standby | undefined>;
  /** What the instances should be in destinations: `keepCandidates`. */
  readonly candidates: Cell<Candidates>;
  /** This agent stops, and hands its entries over: `handOver`. */
  readonly isLeaving: Cell<boolean>;
}

export const emptyHeld: HeldEntries = { owners: new Map(), takenBy: new Set() };

export function createState(): PresenceState {
  return {
    found: new Cell(emptyDiscoveries),
    health: new Cell<HealthById>(SharingMap.of([])),
    desired: new Cell<Entries>(emptyRegistration.entries),
    observed: new Cell<Snapshot | undefined>(undefined),
    confirmed: new Cell(new Set<string>()),
    storeKeys: new Cell(new Map<string, string>()),
    everConfirmed: new Cell(new Set<string>()),
    session: new Cell<Session | undefined>(undefined),
    held: new Cell(emptyHeld),
    owners: new Cell<OwnerStates>(new Map()),
    standby: new Cell<Standby | undefined>(undefined),
    candidates: new Cell<Candidates>(noCandidates),
    isLeaving: new Cell(false),
  };
}
