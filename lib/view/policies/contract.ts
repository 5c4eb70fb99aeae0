import type { Endpoint, Pool } from "../../model/pool.ts";

/** An instance that is new gets ever more requests, within a window. */
export interface SlowStart {
  readonly windowMs: number;
  /** 1 for a share that grows with time alone; more for one that grows fast at first. */
  readonly aggression: number;
  /** The share of its weight with which an instance begins: above 0 to 1. */
  readonly min: number;
}

/** Instances of the own zone are preferred. */
export interface Zones {
  /** The label of an instance that names its zone. */
  readonly label: string;
  /** The zone of this watcher. */
  readonly value: string;
  /** The share of its fair part, 0 to 1, that the capacity of the own zone has to have: if it has less, requests spill over. */
  readonly spill: number;
  /** With fewer instances in the own zone, all instances are used alike. */
  readonly min: number;
}

/** Each watcher uses a part of the instances, so that all of them get equal parts of all watchers together. */
export interface Subset {
  /** The fewest instances of which a watcher uses a part. */
  readonly min: number;
}

/** The instances with a value of a label get a share of the requests, however many they are. */
export interface Canary {
  readonly label: string;
  readonly value: string;
  /** Between 0 and 1. */
  readonly share: number;
}

/** The policies of a service. */
export interface Policy {
  readonly slowStart?: SlowStart;
  readonly zones?: Zones;
  readonly subset?: Subset;
  readonly canary?: Canary;
}

export interface PolicyRules {
  readonly all: Policy;
  /** By name, the policies of services that do not follow `all`. */
  readonly services: Readonly<Record<string, Policy>>;
}

/** The place of a watcher among all that read a service, in the order of their names. */
export interface Place {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** The share of its weight that a new instance gets, and why. */
export interface Ramp {
  /** Above 0, less than 1. */
  readonly share: number;
  readonly why: string;
}

/** All that the policies of a service depend on beside its instances. */
export interface Circumstances {
  /** Undefined while it is not known: then no part of the instances is chosen. */
  readonly place: Place | undefined;
  /** The keys of instances that will be left out of the files. */
  readonly quarantined: ReadonlySet<string>;
  /** By key, the instances that are new. */
  readonly ramps: ReadonlyMap<string, Ramp>;
}

/** An instance of weight above 0, and what policies leave of it. */
export interface Portion {
  readonly endpoint: Endpoint;
  /** The part of its weight, 0 to 1. */
  readonly part: number;
  /** The reasons, as clauses. */
  readonly why: readonly string[];
}

/** Whether an instance counts as capacity: it is neither retained nor quarantined. */
export type Counts = (endpoint: Endpoint) => boolean;

/** What policies came to for an instance. */
export interface Weighting {
  /** The weight of its entry. */
  readonly published: number;
  /** The weight that it would have without any policy, on the scale of this service. */
  readonly full: number;
  /** 0 for an instance that gets no requests from this watcher, although its entry has a weight. */
  readonly weight: number;
  /** Clauses; empty if it has its full weight, and for no special reason. */
  readonly why: string;
}

/** By service, and by key of an instance, what policies came to. Services without a policy are absent. */
export type Weightings = ReadonlyMap<string, ReadonlyMap<string, Weighting>>;

/** A service after its policies. */
export interface Shaped {
  /** The service before. */
  readonly from: Pool;
  readonly pool: Pool;
  readonly weightings: ReadonlyMap<string, Weighting>;
  /** The instances with other weights, by what they were made of. */
  readonly made: ReadonlyMap<Endpoint, Endpoint>;
}
