import type { Address } from "./endpoint.ts";
import { formatAddress, isHost, isPort, parseAddress } from "./endpoint.ts";
import type { Entry } from "./entry.ts";
import { isQuotable } from "./names.ts";
import type { Endpoint } from "./pool.ts";

/** Where in the keyspace an entry was found: `<folder>/<service>/<id>`. */
export interface Place {
  readonly service: string;
  readonly id: string;
}

/** What an entry says before it is trusted: the union of all formats that are read. */
interface Claim {
  readonly host: unknown;
  readonly port: unknown;
  readonly name?: unknown;
  readonly weight?: unknown;
  readonly labels?: unknown;
}

export type Decoded = { readonly endpoint: Endpoint } | { readonly why: string };

/**
 * Reads an entry as an endpoint, whoever wrote it: Nerve's JSON, `host:port`, `[v6]:port` (registrator in
 * etcd), registrator's JSON in ZooKeeper, a serverset member, or a URL. `why` says what made it unusable.
 */
export function decode({ service, id }: Place, entry: Entry): Decoded {
  const claim = parse(entry.value.trim());
  if (!claim)
    return { why: `${excerpt(entry.value)} is neither host:port nor JSON with host and port` };
  const { host, port } = claim;
  if (!isHost(host)) {
    return { why: `${excerpt(host)} is not a host name or an IP address` };
  }
  if (!isPort(port)) return { why: `${excerpt(port)} is not a port (1 to 65535)` };
  const name = claim.name === "" ? id : (claim.name ?? id);
  if (typeof name !== "string") return { why: `the name ${excerpt(name)} is not text` };
  if (!isQuotable(name)) return { why: `the name ${excerpt(name)} cannot be quoted` };
  const weight = weightOf(claim.weight);
  if (weight === undefined) return { why: `the weight ${excerpt(claim.weight)} is not 0 to 256` };
  const labels = labelsOf(claim.labels);
  if (typeof labels === "string") return { why: labels };
  const address = formatAddress({ host, port });
  const server = `h${address.replace(/:(?=\d+$)/, "_").replace(/[^A-Za-z0-9._-]/g, "-")}`;
  return {
    endpoint: { service, id, key: entry.key, host, port, address, server, name, weight, labels },
  };
}

function parse(text: string): Claim | undefined {
  if (text.startsWith("{")) return parseJson(text);
  return parseAddress(text) ?? parseUrl(text);
}

function parseUrl(text: string): Address | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : null;
  if (!url?.hostname) return undefined;
  const implied: Record<string, number> = { "http:": 80, "https:": 443 };
  const port = url.port ? Number(url.port) : implied[url.protocol];
  return port === undefined ? undefined : { host: url.hostname.replace(/^\[|\]$/g, ""), port };
}

function parseJson(text: string): Claim | undefined {
  const json = object(tryJson(text));
  if (!json) return undefined;
  if ("serviceEndpoint" in json) return { ...pick(object(json.serviceEndpoint)) };
  if ("IP" in json) return { host: json.IP, port: json.PublicPort, name: json.Name };
  return { ...pick(json), name: json.name, weight: json.weight, labels: json.labels };
}

function pick(json: Readonly<Record<string, unknown>> | undefined): Claim {
  const port = json?.port;
  const digits = typeof port === "string" && /^\d{1,5}$/.test(port);
  return { host: json?.host, port: digits ? Number(port) : port };
}

function weightOf(claim: unknown): number | undefined {
  if (claim === undefined || claim === null) return 1;
  const weight = typeof claim === "string" && /^\d+$/.test(claim) ? Number(claim) : claim;
  const fits =
    typeof weight === "number" && Number.isInteger(weight) && weight >= 0 && weight <= 256;
  return fits ? weight : undefined;
}

/** The labels, or what is wrong with them. */
function labelsOf(claim: unknown): Readonly<Record<string, string>> | string {
  const labels: Record<string, string> = Object.create(null);
  if (claim === undefined || claim === null) return labels;
  const given = object(claim);
  if (!given) return `the labels ${excerpt(claim)} are not an object`;
  for (const [key, value] of Object.entries(given)) {
    const text = typeof value === "object" ? undefined : String(value);
    if (text === undefined || !isQuotable(key) || !isQuotable(text)) {
      return `the label ${excerpt(key)}: ${excerpt(value)} cannot be quoted`;
    }
    labels[key] = text;
  }
  return labels;
}

function object(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value as JSON, short enough for one line of a log. */
function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
