import { excerpt } from "../../base/excerpt.ts";
import { formatAddress, isPort } from "../endpoint.ts";
import { isHost } from "../host.ts";
import { type Json, objectOf } from "./json.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";
import { invalid } from "./raw-endpoint.ts";

const anEndpoint = "an object with host and port";

/**
 * Reads a member of a serverset, as written by Finagle and Aurora. The shard becomes the name and the label `shard`, and each
 * additional endpoint a label such as `endpoint.http` with its address. The address is that of the service endpoint, or of the
 * additional endpoint `named`. By the format, only members that are ALIVE may be used; a member without a status counts as ALIVE.
 */
export function readServerset(json: Json, named?: string): RawEndpoint | Invalid {
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
  if (named !== undefined && !objectOf(others[named])) {
    return { why: `it has no additional endpoint ${excerpt(named)}` };
  }
  const { host, port } = (named !== undefined && objectOf(others[named])) || endpoint;
  // An object or a list is no name; the label shows it to be invalid.
  return { host, port, labels, ...(isScalar(shard) && { name: String(shard) }) };
}

function isScalar(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string";
}
