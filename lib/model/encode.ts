import { formatAddress } from "./endpoint.ts";
import { encodeRegistrator } from "./formats/registrator-value.ts";
import type { Instance } from "./instance.ts";

/** The format of an entry's value: JSON with Nerve's fields, with its types as well, that of registrator, or the address alone. */
export type Format = "json" | "nerve" | "registrator" | "address";

/** Whether the values of a format have weights. */
export function hasWeights(format: Format): boolean {
  return format === "json" || format === "nerve";
}

/**
 * The value of an instance's entry. The JSON has Nerve's field names in Nerve's order and no spaces, so that Synapse can
 * read it: host, port, name, weight, haproxy_server_options, labels. Unset fields are omitted.
 */
export function encode(instance: Instance, format: Format): string {
  if (format === "address") return formatAddress(instance);
  if (format === "registrator") return encodeRegistrator(instance);
  const { host, port, name, weight, options, labels, verbatim = {} } = instance;
  const types = format === "nerve" ? verbatim : {};
  return JSON.stringify({
    host,
    port: types.port ?? port,
    name,
    weight,
    haproxy_server_options: options,
    labels: types.labels ?? labels,
  });
}
