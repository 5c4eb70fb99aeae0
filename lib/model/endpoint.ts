import { isIPv6 } from "node:net";

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

export function isPort(port: unknown): port is number {
  return typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535;
}

const hostName = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;

/** Whether a value is a host name, an IPv4 or an IPv6 address that is valid in a proxy's configuration. */
export function isHost(host: unknown): host is string {
  if (typeof host !== "string") return false;
  // an IPv6 address with a zone (fe80::1%eth0) is not valid on another machine
  return hostName.test(host) || (isIPv6(host) && !host.includes("%"));
}
