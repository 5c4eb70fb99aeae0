import { excerpt } from "../../base/excerpt.ts";
import { formatAddress, isPort } from "../endpoint.ts";
import { isHost } from "../host.ts";
import { type Json, objectOf } from "./json.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";
import { scalarsOf } from "./scalars.ts";

/**
 * Reads an instance of Curator's service discovery, which Spring Cloud ZooKeeper uses. The id becomes the name, and the SSL port
 * the label `endpoint.ssl`, which is the address where there is no other port, or if `named` is `ssl`. The members of the payload
 * become labels: those of `metadata` for Spring Cloud.
 *
 * Neither program sends requests to an instance that is not enabled, or that has another status than UP: it has weight 0, so that
 * it counts as drained and not as lost.
 */
export function readCurator(json: Json, named?: string): RawEndpoint | Invalid {
  const { address: host, port, sslPort, id, payload, enabled } = json;
  const hasSsl = sslPort !== undefined && sslPort !== null;
  if (named === "ssl" && !hasSsl) return { why: `it has no additional endpoint ${excerpt(named)}` };
  const { metadata, "@class": _class, ...members } = objectOf(payload) ?? {};
  const labels = scalarsOf(metadata) ?? scalarsOf(members);
  const isServed = enabled !== false && isUp(labels?.instance_status);
  return {
    host,
    port: named === "ssl" ? sslPort : (port ?? sslPort),
    name: id,
    ...(!isServed && { weight: 0 }),
    labels: { ...labels, ...(isHost(host) && isPort(sslPort) && sslLabel(host, sslPort)) },
  };
}

function sslLabel(host: string, port: number): Json {
  return { "endpoint.ssl": formatAddress({ host, port }) };
}

/** As Spring Cloud has it: an instance without a status is up. */
function isUp(status: unknown): boolean {
  const text = String(status ?? "").trim();
  return text === "" || text.toUpperCase() === "UP";
}
