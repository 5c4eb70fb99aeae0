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
}

/** Whether a value is valid as the weight of an instance. */
export function isWeight(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 256;
}
