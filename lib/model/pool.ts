import type { Address } from "./endpoint.ts";

/** One address of one service, as a template sees it. Everything in it can stand in a proxy's configuration. */
export interface Endpoint extends Address {
  readonly service: string;
  /** The last part of the key. */
  readonly id: string;
  readonly key: string;
  /** `host:port`, with brackets around an IPv6 host. */
  readonly address: string;
  /** A proxy's name for it: made from the address alone, so that it means this address for ever. */
  readonly server: string;
  readonly name: string;
  /** 0 to 256; 1 where the entry does not say; 0 takes no new requests. */
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  /** It has gone from the keyspace, and is shown all the same: its service lost too many at once. */
  readonly retained?: true;
}

/** The endpoints of one service, in key order. */
export interface Pool {
  readonly name: string;
  readonly instances: readonly Endpoint[];
  /** Some of its instances are held. */
  readonly retained?: true;
}

/** An entry that is left out, and why. */
export interface Quarantined {
  readonly key: string;
  readonly revision: string;
  readonly why: string;
}
