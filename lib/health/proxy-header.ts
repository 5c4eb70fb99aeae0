import { isIPv6, type Socket } from "node:net";

/** A header of version 2: the signature, version and command LOCAL, and no addresses. */
const local = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/**
 * The header of the PROXY protocol for a connection that the proxy makes for itself. Version 2 has a command for that;
 * version 1 has none, so it names the ends of the connection, or UNKNOWN for a unix socket. In Latin-1.
 */
export function proxyHeader(version: "v1" | "v2", socket: Socket): string {
  if (version === "v2") return local;
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || remoteAddress === undefined) return "PROXY UNKNOWN\r\n";
  const family = isIPv6(localAddress) ? "TCP6" : "TCP4";
  const [from, to] = [localAddress, remoteAddress].map((address) => address.replace(/%.*$/, ""));
  return `PROXY ${family} ${from} ${to} ${localPort} ${remotePort}\r\n`;
}
