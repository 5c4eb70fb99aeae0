import type { Endpoint } from "../../model/pool.ts";
import type { SynapseServer } from "./settings.ts";

/** A server as Synapse would have it: without a name or a weight that its entry does not have. */
export function serverOf(endpoint: Endpoint): SynapseServer {
  const { host, port, id, name, weight, labels, extras = {} } = endpoint;
  const number = /(?:^|_)(\d+)$/.exec(id)?.[1];
  const isDraining = weight === 0;
  const hasWeight = extras.weight !== undefined && /^\d+$/.test(extras.weight);
  return {
    host,
    port,
    // An instance without a name has its id as the name.
    ...(name !== id && { name }),
    ...(number !== undefined && { number: Number(number) }),
    ...((isDraining || hasWeight) && { weight: isDraining ? 0 : Number(extras.weight) }),
    ...(extras.serverOptions !== undefined && { options: extras.serverOptions }),
    ...(Object.keys(labels).length > 0 && { labels }),
  };
}
