import type { Json } from "./json.ts";
import { splitAddress } from "./loose-address.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";
import { scalarsOf } from "./scalars.ts";

/**
 * Reads an endpoint of etcd's clientv3/naming, which gRPC resolves names with. The members of the metadata become labels, or the
 * metadata itself the label `metadata`. `Op` is of a protocol that keeps no entry: etcd's own client ignores it, too.
 */
export function readGrpcNaming({ Addr, Metadata }: Json): RawEndpoint | Invalid {
  const address = splitAddress("Addr", Addr);
  if ("why" in address) return address;
  return { ...address, labels: scalarsOf(Metadata) ?? scalarsOf({ metadata: Metadata }) };
}
