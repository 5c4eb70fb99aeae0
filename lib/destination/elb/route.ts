import { readFile } from "node:fs/promises";
import { sentence } from "../../base/fault.ts";
import type { Route } from "../../clients/http/client.ts";
import type { Env } from "../contract.ts";

/** The port of a proxy whose host alone is known. */
const proxyPort = "3128";

/** The proxy of requests to a URL, and the variable or setting that names it. */
export interface ProxyOf {
  readonly proxy: string;
  readonly from: string;
}

/**
 * The proxy of requests to a URL, if any: of the configuration (`none` for none), of PROXY_HOST and PROXY_PORT, or of
 * HTTPS_PROXY or HTTP_PROXY, in capital or in small letters, by the scheme of the URL.
 */
export function proxyOf(url: URL, proxy: string | undefined, env: Env): ProxyOf | undefined {
  if (proxy === "none") return undefined;
  if (proxy !== undefined) return { proxy, from: "proxy" };
  const host = env.PROXY_HOST;
  if (host) {
    const base = host.includes("://") ? host.replace(/\/+$/, "") : `http://${host}`;
    return { proxy: `${base}:${env.PROXY_PORT || proxyPort}`, from: "PROXY_HOST" };
  }
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = env[name.toLowerCase()] || env[name];
  if (!value) return undefined;
  return { proxy: value.includes("://") ? value : `http://${value}`, from: name };
}

/**
 * The route of requests to a URL, or the reason why there is none. The file with certificates is read anew for each route.
 */
export async function routeTo(
  proxy: ProxyOf | undefined,
  ca: string | undefined,
  env: Env,
  signal: AbortSignal,
): Promise<Route | string> {
  const file = ca ?? (env.AWS_CA_BUNDLE || undefined);
  if (proxy && !/^https?:$/.test(URL.parse(proxy.proxy)?.protocol ?? "")) {
    return `${proxy.from} does not have the URL of an HTTP proxy`;
  }
  try {
    const pem = file === undefined ? undefined : await readFile(file, { encoding: "utf8", signal });
    return { proxy: proxy?.proxy, except: env.no_proxy ?? env.NO_PROXY ?? "", ca: pem };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return sentence(error);
  }
}
