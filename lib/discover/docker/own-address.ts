import { createSocket } from "node:dgram";
import { networkInterfaces } from "node:os";

/**
 * The most likely advertised address of this host: the source address of its default route, else the first external IPv4
 * address. Sends nothing. Undefined if there is none.
 */
export async function ownAddress(): Promise<string | undefined> {
  // Addresses reserved for documentation (RFC 5737, RFC 3849): they are routed by the default route.
  const routed = (await routeTo("udp4", "192.0.2.1")) ?? (await routeTo("udp6", "2001:db8::1"));
  if (routed !== undefined) return routed;
  const addresses = Object.values(networkInterfaces()).flatMap((list = []) => list);
  return addresses.find(({ internal, family }) => !internal && family === "IPv4")?.address;
}

/** The source address of packets to `address`; undefined without a route. */
function routeTo(type: "udp4" | "udp6", address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    const end = (found: string | undefined) => {
      socket.close();
      resolve(found);
    };
    socket.once("error", () => end(undefined));
    socket.connect(9, address, () => end(socket.address().address));
  });
}
