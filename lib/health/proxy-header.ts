import { isIPv6, type Socket } from "node:net";

/** The beginning of a header of version 2. */
const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

/** Version 2, command LOCAL, no addresses. */
const local = Buffer.from([0x20, 0x00, 0x00, 0x00]);

/**
 * The header of the PROXY protocol for a connection that the proxy makes for itself. Version 2 has a command for that;
 * version 1 has none, so it names the ends of the connection, or UNKNOWN for a unix socket.
 */
export function proxyHeader(version: "v1" | "v2", socket: Socket): Buffer {
  if (version === "v2") return Buffer.concat([signature, local]);
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || remoteAddress === undefined) {
    return Buffer.from("PROXY UNKNOWN\r\n");
  }
  const family = isIPv6(localAddress) ? "TCP6" : "TCP4";
  const [from, to] = [localAddress, remoteAddress].map((address) => address.replace(/%.*$/, ""));
  return Buffer.from(`PROXY ${family} ${from} ${to} ${localPort} ${remotePort}\r\n`);
}
