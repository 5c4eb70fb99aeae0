import type { Access } from "../schema.ts";
import type { EtcdLocation } from "../url.ts";

export interface EtcdTarget {
  /** For display: without user and password. */
  readonly url: string;
  readonly location: EtcdLocation;
  readonly access: Access;
}
