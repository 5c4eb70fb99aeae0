import type { Env } from "../contract.ts";
/** What the generations of Elastic Load Balancing differ in; the token service is a third one in these respects. */
export interface Service {
  /** The first part of its host name; also the name for signatures. */
  readonly host: string;
  /** The variable with its endpoint. */
  readonly variable: string;
}

/**
 * The endpoint of a service: that of the configuration, of the environment, or of the region. Resolves with a reason if
 * it is not a URL.
 */
export function endpointOf(
  service: Service,
  configured: string | undefined,
  region: string,
  env: Env,
): URL | string {
  const named = [service.variable, "AWS_ENDPOINT_URL"].find((name) => env[name]);
  const text = configured ?? (named && env[named]);
  // China is a partition of its own.
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = URL.parse(text ?? `https://${service.host}.${region}.${suffix}/`);
  if (url && /^https?:$/.test(url.protocol)) return url;
  return `${configured === undefined ? named : "endpoint"} is not a URL`;
}

/** A generation of Elastic Load Balancing, with the version of its interface. */
export interface Generation extends Service {
  readonly version: string;
}

const host = "elasticloadbalancing";

export const classic: Generation = {
  host,
  variable: "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING",
  version: "2012-06-01",
};

/** That of application, network and gateway load balancers. */
export const v2: Generation = {
  host,
  variable: "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
  version: "2015-12-01",
};

export const tokenService: Service = { host: "sts", variable: "AWS_ENDPOINT_URL_STS" };
