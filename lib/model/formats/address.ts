import { excerptOf } from "../../base/secret.ts";
import type { Address } from "../endpoint.ts";
import { parseAddress } from "../endpoint.ts";
import type { Invalid, RawEndpoint } from "./raw-endpoint.ts";

/** The default ports of URL schemes, which the parser of URLs removes. */
const defaultPorts: Readonly<Record<string, number>> = {
  "ftp:": 21,
  "http:": 80,
  "https:": 443,
  "ws:": 80,
  "wss:": 443,
};

/** Reads `host:port`, `[v6]:port` or a URL, as registrator writes them in etcd. */
export function readAddress(text: string): RawEndpoint | Invalid {
  const found = parseAddress(text) ?? parseUrl(text);
  return (
    found ?? { why: `it is ${excerptOf(text, text)}: expected host:port, a URL or a JSON object` }
  );
}

function parseUrl(text: string): Address | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? URL.parse(text) : null;
  if (!url?.hostname) return undefined;
  const port = url.port ? Number(url.port) : defaultPorts[url.protocol];
  return port === undefined ? undefined : { host: url.hostname.replace(/^\[|\]$/g, ""), port };
}
