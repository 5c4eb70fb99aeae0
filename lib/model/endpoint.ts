import { withoutFinalDot } from "./host.ts";

/** An address to connect to. `host` is a name or an IP address, IPv6 without brackets. */
export interface Address {
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** `10.0.0.1:80`, or `[::1]:80` if the host is an IPv6 address. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Parses `host:port` or `[v6]:port`; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host !== undefined && isPort(port) ? { host, port } : undefined;
}

/** The address that two spellings of it have in common: a host name has no final dot. `host` is in lower case. */
export function canonicalAddress({ host, port, address }: Address & { readonly address: string }) {
  return host.endsWith(".") ? formatAddress({ host: withoutFinalDot(host), port }) : address;
}

export function isPort(port: unknown): port is number {
  return typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535;
}
