import { createSocket } from "node:dgram";
import { networkInterfaces } from "node:os";

/**
 * The address of this machine that others most likely reach: that of its default route, else the first one that is
 * not of the machine alone. Nothing is sent. Undefined where there is none.
 */
export async function ownAddress(): Promise<string | undefined> {
  // Addresses that belong to nobody (RFC 5737, RFC 3849): the way to them is the way to all that are not near.
  const routed = (await routeTo("udp4", "192.0.2.1")) ?? (await routeTo("udp6", "2001:db8::1"));
  if (routed !== undefined) return routed;
  const addresses = Object.values(networkInterfaces()).flatMap((list = []) => list);
  return addresses.find(({ internal, family }) => !internal && family === "IPv4")?.address;
}

/** The address from which something would be sent there; undefined where there is no way. */
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
