import type { Address } from "./endpoint.ts";

/** An instance of a service, as passed to templates. Every field is valid in a proxy's configuration. */
export interface Endpoint extends Address {
  readonly service: string;
  /** The last part of the key. */
  readonly id: string;
  readonly key: string;
  /** `host:port`, with brackets around an IPv6 host. */
  readonly address: string;
  /** Its server name in a proxy, derived from the address alone. */
  readonly server: string;
  readonly name: string;
  /** 0 to 256, 1 if the entry has none; 0 gets no new requests. */
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  /** What the entry has besides, if anything. */
  readonly extras?: Extras;
  /**
   * Of an instance with a host name that was resolved: the same instance for each of its IP addresses, with `host`,
   * `address` and `server` of that address.
   */
  readonly resolved?: readonly Endpoint[];
  /** Retained by the mass-loss guard: the entry is gone from the keyspace. */
  readonly retained?: true;
}

/**
 * Fields of an entry in Nerve's JSON for generators of files that Synapse would write. They are not checked, and no shipped
 * template writes them. A name that the entry does not have is its id.
 */
export interface Extras {
  /** The weight as it is published; an entry without one has the weight 1. */
  readonly weight?: string;
  /** `haproxy_server_options`. */
  readonly serverOptions?: string;
}

/** The endpoints of one service, in key order. */
export interface Pool {
  readonly name: string;
  readonly instances: readonly Endpoint[];
  /** The instances that have entries and are not served: their address is that of another one, or other folders go before theirs. */
  readonly unserved?: readonly Endpoint[];
  /** Some of its instances are retained. */
  readonly retained?: true;
}

/** A quarantined entry and the reason. */
export interface Quarantined {
  readonly key: string;
  readonly revision: string;
  readonly why: string;
  /** How many entries or services it stands for if `key` is a pattern: `/services/web/*`. */
  readonly count?: number;
  /** The files have the entry, but not everything of it. */
  readonly isPartial?: boolean;
  /** It is not trusted as an instance (`watch.trust`): templates do not see its key either. */
  readonly isUntrusted?: true;
}

/** An entry that a check command or a proxy rejects, as it is remembered on disk. */
export interface RememberedRejection extends Quarantined {
  /** The SHA-256 digest of its value. */
  readonly digest: string;
  /** How often the entry was found to be the cause of a rejection. */
  readonly failures: number;
}

/** The rejected entries of some files. */
export interface RememberedQuarantine {
  /** Distinguishes the template and the check command that rejected them. */
  readonly judge: string;
  readonly rejections: readonly RememberedRejection[];
}
