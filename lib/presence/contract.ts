import type { SharingMap } from "../base/sharing-map.ts";
import type { Format } from "../model/encode.ts";
import type { Instance } from "../model/instance.ts";
import type { Verdict } from "../model/verdict.ts";

/** What there is to say about the health of each instance, by `nameOf`. */
export type Verdicts = SharingMap<{ readonly verdict: Verdict }>;

/** An instance, and what is concluded about it. */
export interface Member {
  readonly instance: Instance;
  readonly verdict: Verdict;
}

/** Everybody that this agent speaks for, and what that was made of. */
export interface Roster {
  readonly instances: readonly Instance[];
  readonly health: Verdicts;
  /** By `nameOf`. */
  readonly members: SharingMap<Member>;
}

/** What the keyspace should say, and the roster that says so. */
export interface Registration {
  readonly roster: Roster;
  readonly entries: SharingMap<string>;
}

/** How a roster is written into the keyspace. */
export interface EntrySettings {
  /** The folder of all services: `/services`. */
  readonly prefix: string;
  readonly format: Format;
}

/** An instance that was found, and what whoever runs it says of it. */
export interface Present {
  readonly instance: Instance;
  /** Who is `down` is not announced, whatever its checks say; who is `draining` takes no new requests. */
  readonly standing: { readonly state: "up" | "down" | "draining" };
}

/** Who leaves, by `nameOf`, and until when the keyspace still has them: milliseconds on the clock of the agent. */
export type Draining = ReadonlyMap<string, number>;
