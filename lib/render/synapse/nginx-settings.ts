import type { ServerOrder } from "./settings.ts";

/** The settings of the plug-in synapse-nginx that shape its file, and those of each service. */
export interface NginxSettings {
  /** The directives at the top of the file. */
  readonly main: readonly string[];
  /** Those of each other block, `events` first. Those of `http` and `stream` stand before the services. */
  readonly contexts: readonly NginxContext[];
  readonly listenAddress: string;
  /** The seed of the order of servers where a service asks for a random one. */
  readonly orderSeed: bigint;
  readonly services: readonly NginxService[];
}

export interface NginxContext {
  readonly name: string;
  /** Without the semicolon, as are all directives. */
  readonly directives: readonly string[];
}

/** The `nginx` section of a service. */
export interface NginxService {
  readonly name: string;
  readonly mode: "http" | "tcp";
  /** Absent for a service without a server block. */
  readonly port?: number;
  readonly listenAddress?: string;
  readonly listenOptions?: string;
  /** The directives of its server block. */
  readonly server: readonly string[];
  /** The directives of its upstream block. */
  readonly upstream: readonly string[];
  readonly upstreamName: string;
  /** The parameters of each server. */
  readonly serverOptions?: string;
  readonly order: ServerOrder;
}
