import { formatAddress } from "./endpoint.ts";
import type { Instance } from "./instance.ts";

/** How an entry's value is written: Nerve's JSON, or just the address. */
export type Format = "json" | "address";

/**
 * The value of an instance's entry. The JSON has Nerve's field names, in Nerve's order and without
 * spaces, so that Synapse reads it: host, port, name, weight, labels; what is not known is left out.
 */
export function encode(instance: Instance, format: Format): string {
  if (format === "address") return formatAddress(instance);
  const { host, port, name, weight, labels } = instance;
  return JSON.stringify({ host, port, name, weight, labels });
}
