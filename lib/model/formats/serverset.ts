import { excerpt } from "../../base/excerpt.ts";
import { formatAddress, isHost, isPort } from "../endpoint.ts";
import { type Json, objectOf } from "./json.ts";
import type { RawEndpoint, Refused } from "./raw-endpoint.ts";
import { refusal } from "./raw-endpoint.ts";

const anEndpoint = "an object with host and port";

/**
 * Reads a member of a serverset, as Finagle and Aurora write them. Its shard becomes the label `shard`, and
 * each of its additional endpoints a label such as `endpoint.http`, with the address. Only a member that is
 * ALIVE is to be used, says the format; one without any status is.
 */
export function readServerset(json: Json): RawEndpoint | Refused {
  const { serviceEndpoint, additionalEndpoints, status, shard } = json;
  if ((status ?? "ALIVE") !== "ALIVE") return refusal("status", status, '"ALIVE"');
  const endpoint = objectOf(serviceEndpoint);
  if (!endpoint) return refusal("serviceEndpoint", serviceEndpoint, anEndpoint);
  const others = objectOf(additionalEndpoints ?? {});
  if (!others) return refusal("additionalEndpoints", additionalEndpoints, "an object");
  const labels: Record<string, unknown> = { shard };
  for (const [name, other] of Object.entries(others)) {
    const { host, port } = objectOf(other) ?? {};
    const isAddress = isHost(host) && isPort(port);
    if (!isAddress) return refusal(`endpoint ${excerpt(name)}`, other, anEndpoint);
    labels[`endpoint.${name}`] = formatAddress({ host, port });
  }
  return { host: endpoint.host, port: endpoint.port, labels };
}
