import type { Address } from "../../model/endpoint.ts";

/** The settings of Synapse's `haproxy` section that shape its file, and those of each service. */
export interface HaproxySettings {
  /** The lines of the section `global`, as are those of `defaults`. */
  readonly global: readonly string[];
  readonly defaults: readonly string[];
  readonly extraSections: readonly Section[];
  /** The lines of the frontend that services share; undefined for none. */
  readonly sharedFrontend?: readonly string[];
  readonly bindAddress: string;
  /** The seed of the order of servers where a service does not choose one. */
  readonly orderSeed: bigint;
  /** The highest number that a server gets. */
  readonly maxServerId: number;
  /** Whether the weights of entries are written. A weight of 0 always is: the instance is draining. */
  readonly writesWeights: boolean;
  /** How long a server that has disappeared stays in the file, disabled; undefined if it is removed at once. */
  readonly keepsGoneMs?: number;
  readonly services: readonly HaproxyService[];
}

/** A section that is written as it is. */
export interface Section {
  /** `listen stats` */
  readonly title: string;
  readonly lines: readonly string[];
}

/** The `haproxy` section of a service. */
export interface HaproxyService {
  readonly name: string;
  /** The name of its pool of servers: that of the service if it is not set. */
  readonly poolName: string;
  /** The port of its frontend; null for an address without one, undefined for no frontend. */
  readonly port?: string | null;
  readonly bindAddress?: string;
  readonly bindOptions?: string;
  /** The lines of each part, and `listen` of both, before they are divided. */
  readonly lines: ServiceLines;
  /** Its lines in the shared frontend. */
  readonly sharedFrontend?: readonly string[];
  /** The options of each server, with `%{host}`, `%{port}` and `%{name}`; undefined if they are null. */
  readonly serverOptions?: string;
  readonly order: ServerOrder;
  readonly cookie: CookieValue;
}

export interface ServiceLines {
  readonly frontend: readonly string[];
  readonly pool: readonly string[];
  readonly listen: readonly string[];
}

export type ServerOrder = "asc" | "desc" | "no_shuffle" | "shuffle";

/** The value of a server's cookie: its name, or the SHA-1 digest of that. */
export type CookieValue = "name" | "hash";

/** A server of a service: an instance that was discovered, or one of the configuration. */
export interface SynapseServer extends Address {
  /** Undefined or empty if it has none. */
  readonly name?: string;
  /** The number at the end of the name of its node, by which a leader is elected. */
  readonly number?: number;
  readonly weight?: number;
  /** `haproxy_server_options` of its entry. */
  readonly options?: string;
  /** `haproxy_server_id` of its entry. */
  readonly haproxyId?: number;
  readonly labels?: Readonly<Record<string, string>>;
}
