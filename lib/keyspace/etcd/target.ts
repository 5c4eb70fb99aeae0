import type { Access } from "../schema.ts";
import type { EtcdLocation } from "../url.ts";

/** Which etcd, and what it takes to be let in. */
export interface EtcdTarget {
  /** For people: without user and password. */
  readonly url: string;
  readonly location: EtcdLocation;
  readonly access: Access;
}
