import { excerpt } from "../base/excerpt.ts";
import { excerptOf } from "../base/secret.ts";
import { formatAddress, isPort } from "./endpoint.ts";
import { objectOf } from "./formats/json.ts";
import type { Invalid, RawEndpoint } from "./formats/raw-endpoint.ts";
import { invalid } from "./formats/raw-endpoint.ts";
import { hostProblem } from "./host.ts";
import { isWeight } from "./instance.ts";
import { isQuotable, quotable } from "./names.ts";
import type { Endpoint, Extras } from "./pool.ts";
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
  const labels = labelsOf(raw.labels);
  if (labels instanceof InvalidLabels) return { why: labels.why };
  const { service, id, key } = identity;
  const address = formatAddress({ host, port });
  const server = serverName(address);
  const extras = extrasOf(raw);
  // One literal, and shared parts where most entries have the same: half of the memory, with 100 000 instances.
  const endpoint = { service, id, key, host, port, address, server, name, weight, labels };
  return extras ? { ...endpoint, extras } : endpoint;
}

/** The extras of entries that have a weight and nothing else, by weight. */
const weightOnly = new Map<number, Extras>();

function extrasOf({ weight, serverOptions }: RawEndpoint): Extras | undefined {
  const hasWeight = weight !== undefined && weight !== null;
  if (typeof serverOptions === "string") {
    return { ...(hasWeight && { weight: String(weight) }), serverOptions };
  }
  if (!hasWeight) return undefined;
  // A number was found to be one of a few hundred.
  if (typeof weight !== "number") return { weight: String(weight) };
  const extras = weightOnly.get(weight) ?? { weight: String(weight) };
  weightOnly.set(weight, extras);
  return extras;
}

type Labels = Endpoint["labels"];

/** Not an object with a member `why`, which labels may have. */
class InvalidLabels implements Invalid {
  readonly why: string;

  constructor({ why }: Invalid) {
    this.why = why;
  }
}

const noLabels: Labels = Object.freeze(Object.create(null));

function labelsOf(raw: unknown): Labels | InvalidLabels {
  if (raw === undefined || raw === null) return noLabels;
  const given = objectOf(raw);
  if (!given) return new InvalidLabels(invalid("labels", raw, "an object"));
  let labels: Record<string, string> | undefined;
  for (const [key, value] of Object.entries(given)) {
    // Some writers use null for unset.
    if (value === undefined || value === null) continue;
    const text = toText(value);
    if (!isQuotable(key)) return new InvalidLabels(invalid("label", key, quotable));
    if (text === undefined) {
      const why = `its label ${excerpt(key)} is ${excerptOf(key, value)}: expected ${quotable}`;
      return new InvalidLabels({ why });
    }
    labels ??= Object.create(null) as Record<string, string>;
    labels[key] = text;
  }
  return labels ?? noLabels;
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
