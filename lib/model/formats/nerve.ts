import { excerpt } from "../../base/excerpt.ts";
import type { Json } from "./json.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";

/**
 * Reads the JSON of Nerve, go-nerve and sidekick itself. `haproxy_server_options` is only kept among the extras: Synapse inserts
 * it into haproxy.cfg verbatim, so that write access to an entry would allow any change of that file.
 *
 * With `exposeOnUnavailable`, go-nerve registers an instance that is down, for which go-synapse renders a disabled
 * server. Such an entry is rejected, because the instance must get no traffic.
 */
export function readNerve(json: Json): RawEndpoint | Invalid {
  const { host, port, name, weight, labels, available, unavailable_reason: reason } = json;
  const { haproxy_server_options: serverOptions } = json;
  if (available === false) {
    return { why: `it is marked as unavailable${reason ? `: ${excerpt(reason)}` : ""}` };
  }
  return {
    host,
    port,
    name,
    weight,
    labels,
    ...(serverOptions !== undefined && { serverOptions }),
  };
}
