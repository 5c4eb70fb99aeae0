import type { Address } from "./endpoint.ts";

/** A running process or container that provides one service at one address. */
export interface Instance extends Address {
  readonly service: string;
  /** Unique within the service: the last part of its key. */
  readonly id: string;
  /** A display name, such as the host that it runs on. */
  readonly name?: string;
  /** Share of the traffic, 0 to 256; 0 gets no new requests. Readers assume 1 if unset. */
  readonly weight?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Options for the instance in haproxy's configuration, which readers may insert there. */
  readonly options?: string;
  /** Fields as a configuration of Nerve has them, where their types differ: the format `nerve` publishes these. */
  readonly verbatim?: Verbatim;
  /** The container that provides it. */
  readonly origin?: Origin;
}

export interface Verbatim {
  readonly port?: string | undefined;
  readonly labels?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface Origin {
  /** The host name inside the container. */
  readonly hostName: string;
  /** The port inside the container. */
  readonly port: number;
}

/** Whether a value is valid as the weight of an instance. */
export function isWeight(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 256;
}
