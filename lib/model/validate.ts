import { excerpt } from "../base/excerpt.ts";
import { excerptOf } from "../base/secret.ts";
import { formatAddress, isPort } from "./endpoint.ts";
import { objectOf } from "./formats/json.ts";
import type { Invalid, RawEndpoint } from "./formats/raw-endpoint.ts";
import { invalid } from "./formats/raw-endpoint.ts";
import { hostProblem } from "./host.ts";
import { isWeight } from "./instance.ts";
import { isQuotable, quotable } from "./names.ts";
import type { Endpoint } from "./pool.ts";
import { serverName } from "./server-name.ts";

/** The part of an endpoint that is known from the key of its entry. */
type EntryIdentity = Pick<Endpoint, "service" | "id" | "key">;

/** Validates a raw endpoint: every field must be valid in a proxy's configuration. */
export function validate(identity: EntryIdentity, raw: RawEndpoint): Endpoint | Invalid {
  const problem = hostProblem(raw.host);
  if (problem) return invalid("host", raw.host, problem);
  // Hosts that differ in case only are the same.
  const host = String(raw.host).toLowerCase();
  const port = toNumber(raw.port);
  if (!isPort(port)) return invalid("port", port, "1 to 65535");
  const name = toText(raw.name || identity.id);
  if (name === undefined) return invalid("name", raw.name, quotable);
  const weight = toNumber(raw.weight ?? 1);
  if (!isWeight(weight)) return invalid("weight", weight, "0 to 256");
  const labels = labelsOf(raw.labels ?? {});
  if ("why" in labels) return labels;
  const address = formatAddress({ host, port });
  const server = serverName(address);
  const extras = extrasOf(raw);
  return { ...identity, host, port, address, server, name, weight, ...labels, ...extras };
}

/** Typical entries have none of them. */
function extrasOf({ weight, serverOptions }: RawEndpoint): Pick<Endpoint, "extras"> {
  const hasWeight = weight !== undefined && weight !== null;
  const hasOptions = typeof serverOptions === "string";
  if (!hasWeight && !hasOptions) return {};
  return {
    extras: { ...(hasWeight && { weight: String(weight) }), ...(hasOptions && { serverOptions }) },
  };
}

function labelsOf(raw: unknown): Pick<Endpoint, "labels"> | Invalid {
  const given = objectOf(raw);
  if (!given) return invalid("labels", raw, "an object");
  const labels: Record<string, string> = Object.create(null);
  for (const [key, value] of Object.entries(given)) {
    // Some writers use null for unset.
    if (value === undefined || value === null) continue;
    const text = toText(value);
    if (!isQuotable(key)) return invalid("label", key, quotable);
    if (text !== undefined) labels[key] = text;
    else
      return { why: `its label ${excerpt(key)} is ${excerptOf(key, value)}: expected ${quotable}` };
  }
  return { labels };
}

/** Converts a numeric string: Nerve writes values as its configuration has them. */
function toNumber(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value;
}

/** Converts numbers and booleans, which come from unquoted strings in YAML. */
function toText(value: unknown): string | undefined {
  const isText = ["string", "number", "boolean"].includes(typeof value);
  const text = isText ? String(value) : undefined;
  return text !== undefined && isQuotable(text) ? text : undefined;
}
