import { formatAddress } from "./endpoint.ts";
import type { Instance } from "./instance.ts";

/** The format of an entry's value: Nerve's JSON, or the address alone. */
export type Format = "json" | "address";

/**
 * The value of an instance's entry. The JSON has Nerve's field names in Nerve's order and no spaces, so that Synapse can
 * read it: host, port, name, weight, labels. Unset fields are omitted.
 */
export function encode(instance: Instance, format: Format): string {
  if (format === "address") return formatAddress(instance);
  const { host, port, name, weight, labels } = instance;
  return JSON.stringify({ host, port, name, weight, labels });
}
