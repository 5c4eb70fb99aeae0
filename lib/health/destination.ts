import { z } from "zod";
import { path } from "../base/schema.ts";
import { type Address, formatAddress } from "../model/endpoint.ts";
import { addressOf } from "./fields.ts";

/** A destination of a connection: an address, or a unix socket instead, which the address only names. */
export interface Destination extends Address {
  readonly unix?: string | undefined;
  /** Sends a header of the PROXY protocol first, as proxies do. */
  readonly proxyProtocol?: "v1" | "v2" | undefined;
}

/** The configuration that all checks with a connection have in common. */
export const destinationFields = {
  unix: path
    .optional()
    .describe(
      "A unix socket to connect to instead of the host and port, which are then only used as names.",
    ),
  proxyProtocol: z
    .enum(["v1", "v2"])
    .optional()
    .describe(
      "Sends a header of this version of the PROXY protocol first, like haproxy's send-proxy and send-proxy-v2.",
    ),
};

type DestinationConfig = Parameters<typeof addressOf>[0] & Omit<Destination, "host" | "port">;

/** The destination in the parsed fields: host and port of the check if set, otherwise of the target. */
export function destinationOf(config: DestinationConfig, target: Address): Destination {
  const { unix, proxyProtocol } = config;
  return { ...addressOf(config, target), unix, proxyProtocol };
}

/** `10.0.0.1:80`, or `unix:/run/app.sock` */
export function formatDestination({ unix, ...address }: Destination): string {
  return unix === undefined ? formatAddress(address) : `unix:${unix}`;
}
