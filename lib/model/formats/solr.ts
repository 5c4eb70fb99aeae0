import { splitAddress } from "./loose-address.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";

/** Reads the name of a node below Solr's /live_nodes, such as `10.0.0.1:8983_solr`; undefined for any other name. */
export function readSolr(id: string): RawEndpoint | Invalid | undefined {
  const [, address] = /^(.*:\d+)_solr$/.exec(id) ?? [];
  return address === undefined ? undefined : splitAddress("address", address);
}
