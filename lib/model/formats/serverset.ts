import { excerpt } from "../../base/excerpt.ts";
import { formatAddress, isPort } from "../endpoint.ts";
import { isHost } from "../host.ts";
import { type Json, objectOf } from "./json.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";
import { invalid } from "./raw-endpoint.ts";

const anEndpoint = "an object with host and port";

/**
 * Reads a member of a serverset, as written by Finagle and Aurora. The shard becomes the label `shard`, and each
 * additional endpoint a label such as `endpoint.http` with its address. By the format, only members that are ALIVE may be
 * used; a member without a status counts as ALIVE.
 */
export function readServerset(json: Json): RawEndpoint | Invalid {
  const { serviceEndpoint, additionalEndpoints, status, shard } = json;
  if ((status ?? "ALIVE") !== "ALIVE") return invalid("status", status, '"ALIVE"');
  const endpoint = objectOf(serviceEndpoint);
  if (!endpoint) return invalid("serviceEndpoint", serviceEndpoint, anEndpoint);
  const others = objectOf(additionalEndpoints ?? {});
  if (!others) return invalid("additionalEndpoints", additionalEndpoints, "an object");
  const labels: Record<string, unknown> = { shard };
  for (const [name, other] of Object.entries(others)) {
    const { host, port } = objectOf(other) ?? {};
    const isAddress = isHost(host) && isPort(port);
    if (!isAddress) return invalid(`endpoint ${excerpt(name)}`, other, anEndpoint);
    labels[`endpoint.${name}`] = formatAddress({ host, port });
  }
  return { host: endpoint.host, port: endpoint.port, labels };
}
