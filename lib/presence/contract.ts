import type { Format } from "../model/encode.ts";
import type { Instance } from "../model/instance.ts";
import type { Verdict } from "../model/verdict.ts";

/** An instance, and what is concluded about it. */
export interface Member {
  readonly instance: Instance;
  readonly verdict: Verdict;
}

/** Everybody that this agent speaks for, in the order they were found. */
export type Roster = readonly Member[];

/** How a roster is written into the keyspace. */
export interface Announcing {
  /** The folder of all services: `/services`. */
  readonly prefix: string;
  readonly format: Format;
}
