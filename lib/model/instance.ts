import type { Address } from "./endpoint.ts";

/** A running thing that serves one service at one address. */
export interface Instance extends Address {
  readonly service: string;
  /** What tells it from the service's other instances: the last part of its key. */
  readonly id: string;
  /** A name for people, such as the host it runs on. */
  readonly name?: string;
  /** Its share of the traffic, 0 to 256; 0 takes no new requests. */
  readonly weight?: number;
  readonly labels?: Readonly<Record<string, string>>;
}
