import { excerpt } from "../../base/excerpt.ts";
import type { Address } from "../endpoint.ts";
import { parseAddress } from "../endpoint.ts";
import type { RawEndpoint, Refused } from "./raw-endpoint.ts";

/** The ports that a URL need not mention, and that its parser takes out where it does. */
const implied: Readonly<Record<string, number>> = {
  "ftp:": 21,
  "http:": 80,
  "https:": 443,
  "ws:": 80,
  "wss:": 443,
};

/** Reads `host:port`, `[v6]:port` or a URL: what registrator writes in etcd, and every shell script. */
export function readAddress(text: string): RawEndpoint | Refused {
  const found = parseAddress(text) ?? parseUrl(text);
  return found ?? { why: `it is ${excerpt(text)}: expected host:port, a URL or a JSON object` };
}

function parseUrl(text: string): Address | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : null;
  if (!url?.hostname) return undefined;
  const port = url.port ? Number(url.port) : implied[url.protocol];
  return port === undefined ? undefined : { host: url.hostname.replace(/^\[|\]$/g, ""), port };
}
