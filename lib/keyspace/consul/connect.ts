import { ConsulClient, type ConsulDeps } from "../../clients/consul/client.ts";
import { readCredentials, readToken } from "../access.ts";
import type { KeyspaceConfig } from "../schema.ts";
import type { ConsulCatalogLocation, ConsulLocation } from "../url.ts";

export type ConsulTarget = KeyspaceConfig & {
  readonly location: ConsulLocation | ConsulCatalogLocation;
};

/** A client of the servers of a keyspace, whose files of TLS and token may be replaced at any time. */
export function connect(target: ConsulTarget, deps: ConsulDeps): ConsulClient {
  const { endpoints, tls } = target.location;
  const settings = {
    endpoints,
    tls,
    credentials: (signal: AbortSignal) => readCredentials(target, signal),
    token: (signal: AbortSignal) => readToken(target, signal),
  };
  return new ConsulClient(settings, deps);
}
