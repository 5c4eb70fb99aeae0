import { excerpt } from "../base/excerpt.ts";
import { formatAddress, isHost, isPort } from "./endpoint.ts";
import { objectOf } from "./formats/json.ts";
import type { RawEndpoint, Refused } from "./formats/raw-endpoint.ts";
import { refusal } from "./formats/raw-endpoint.ts";
import { isQuotable, quotable } from "./names.ts";
import type { Endpoint } from "./pool.ts";

/** What is known of an endpoint from where its entry lies. */
type Found = Pick<Endpoint, "service" | "id" | "key">;

/** The endpoint that is claimed, if every part of it can stand in a proxy's configuration. */
export function validate(found: Found, claim: RawEndpoint): Endpoint | Refused {
  const { host } = claim;
  if (!isHost(host)) return refusal("host", host, "a host name or an IP address");
  const port = digits(claim.port);
  if (!isPort(port)) return refusal("port", port, "1 to 65535");
  const name = textOf(claim.name || found.id);
  if (name === undefined) return refusal("name", claim.name, quotable);
  const weight = digits(claim.weight ?? 1);
  if (!isWeight(weight)) return refusal("weight", weight, "0 to 256");
  const labels = labelsOf(claim.labels ?? {});
  if ("why" in labels) return labels;
  const address = formatAddress({ host, port });
  const server = `h${address.replace(/:(?=\d+$)/, "_").replace(/[^A-Za-z0-9._-]/g, "-")}`;
  return { ...found, host, port, address, server, name, weight, ...labels };
}

function labelsOf(claim: unknown): Pick<Endpoint, "labels"> | Refused {
  const given = objectOf(claim);
  if (!given) return refusal("labels", claim, "an object");
  const labels: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(given)) {
    // What is null is what its writer did not know.
    if (value === undefined || value === null) continue;
    const text = textOf(value);
    if (!isQuotable(key)) return refusal("label", key, quotable);
    if (text === undefined) return refusal(`label ${excerpt(key)}`, value, quotable);
    labels[key] = text;
  }
  return { labels };
}

/** A number that was written as text is that number: Nerve passes on what its configuration says. */
function digits(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value;
}

/** Numbers and booleans are text too: whoever wrote them in YAML meant them so. */
function textOf(value: unknown): string | undefined {
  const isText = ["string", "number", "boolean"].includes(typeof value);
  const text = isText ? String(value) : undefined;
  return text !== undefined && isQuotable(text) ? text : undefined;
}

function isWeight(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 256;
}
