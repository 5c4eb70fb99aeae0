import type { SharingMap } from "../base/sharing-map.ts";
import type { Format } from "../model/encode.ts";
import type { Instance } from "../model/instance.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Places } from "./places.ts";
import type { Signer } from "./signer.ts";

/** The verdict on each instance, by `nameOf`. */
export type Verdicts = SharingMap<{ readonly verdict: Verdict }>;

/** An instance and its verdict. */
export interface Member {
  readonly instance: Instance;
  readonly verdict: Verdict;
}

/** All instances of this agent with their verdicts, and the inputs from which it was built. */
export interface Roster {
  readonly instances: readonly Instance[];
  readonly health: Verdicts;
  /** By `nameOf`. */
  readonly members: SharingMap<Member>;
}

/** The desired entries, and the roster from which they were computed. */
export interface Registration {
  readonly roster: Roster;
  readonly entries: SharingMap<string>;
}

/** How instances are written to the keyspace. */
export interface EntrySettings {
  readonly places: Pick<Places, "keyOf">;
  readonly format: Format;
  /** The time that new values of the format `json` are stamped with, in milliseconds since 1970; absent if none are. */
  readonly stampMs?: number;
  /** Signs new values of the format `json`; absent if none are signed. */
  readonly signer?: Signer;
}

/** A discovered instance with the state reported by its runtime, such as a container engine. */
export interface Present {
  readonly instance: Instance;
  /** `down` is not registered, whatever the result of its checks; `draining` gets no new requests. */
  readonly standing: { readonly state: "up" | "down" | "draining" };
  /** Identifies the current run of its process; undefined if runs are not distinguished. */
  readonly run?: string;
}

/**
 * Why an instance is draining: its runtime stops it, it was requested, or the agent stops. A request outlives a stop, and a
 * shutdown both.
 */
export type DrainReason = "stop" | "request" | "shutdown";

/** The drain of one run of an instance, as plain data. */
export interface InstanceDrain {
  readonly reason: DrainReason;
  /** The run that drains; undefined if runs are not distinguished. */
  readonly run?: string;
  /** When it began: milliseconds on the agent's clock. */
  readonly sinceMs: number;
  /** Until when the instance stays registered: milliseconds on the agent's clock, Infinity until the session is closed. */
  readonly untilMs: number;
}

/** The drains by `nameOf`. */
export type Draining = ReadonlyMap<string, InstanceDrain>;

/** The weight that was requested for one run of an instance, as plain data. */
export interface InstanceWeight {
  /** 0 to 256. */
  readonly weight: number;
  /** The run that has it; undefined if runs are not distinguished. */
  readonly run?: string;
  /** When it was requested: milliseconds on the agent's clock. */
  readonly sinceMs: number;
}

/** The requested weights by `nameOf`. */
export type Weights = ReadonlyMap<string, InstanceWeight>;

/** What applies to instances beyond discovery and configuration: drains, and requested weights. */
export interface Requested {
  readonly draining: Draining;
  readonly weights: Weights;
}

/** What discovery has found so far. */
export interface PresentInstances {
  readonly found: readonly Present[];
  /** Every discovery has completed at least once: an instance that is missing does not exist. */
  readonly isComplete: boolean;
}
