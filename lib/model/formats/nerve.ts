import { excerpt } from "../../base/excerpt.ts";
import type { Json } from "./json.ts";
import type { RawEndpoint, Refused } from "./raw-endpoint.ts";

/**
 * Reads what Nerve, go-nerve and sidekick itself write. `haproxy_server_options` is not taken: it is text for
 * haproxy.cfg as it stands, so that whoever can write an entry could write any section of that file.
 *
 * With `exposeOnUnavailable`, go-nerve announces an instance that is down; go-synapse makes a disabled server
 * of it. It must get no traffic, so it is left out.
 */
export function readNerve(json: Json): RawEndpoint | Refused {
  const { host, port, name, weight, labels, available, unavailable_reason: reason } = json;
  if (available === false) {
    return { why: `it says that it is not available${reason ? `: ${excerpt(reason)}` : ""}` };
  }
  return { host, port, name, weight, labels };
}
