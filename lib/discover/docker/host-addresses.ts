import { createSocket } from "node:dgram";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

export type Family = "ipv4" | "ipv6";

/** The advertised address of this host in each family; undefined where it has none. A host name is that of both. */
export type HostAddresses = Readonly<Partial<Record<Family, string>>>;

/** The families of an address; both for a host name, and for an empty text. */
export function familiesOf(host: string): readonly Family[] {
  const version = isIP(host);
  if (version === 0) return ["ipv4", "ipv6"];
  return version === 4 ? ["ipv4"] : ["ipv6"];
}

/** The addresses of a host with a single address or name. */
export function addressesOf(host: string): HostAddresses {
  return Object.fromEntries(familiesOf(host).map((family) => [family, host]));
}

/**
 * The most likely advertised addresses of this host: the source addresses of its default routes, else its first external
 * IPv4 address. Sends nothing.
 */
export async function ownAddresses(): Promise<HostAddresses> {
  // Addresses reserved for documentation (RFC 5737, RFC 3849): they are routed by the default route.
  const [routed4, routed6] = [
    await routeTo("udp4", "192.0.2.1"),
    await routeTo("udp6", "2001:db8::1"),
  ];
  const ipv6 = routed6 !== undefined && isLinkLocal(routed6) ? undefined : routed6;
  const ipv4 = routed4 ?? (ipv6 === undefined ? firstExternal() : undefined);
  return { ...(ipv4 !== undefined && { ipv4 }), ...(ipv6 !== undefined && { ipv6 }) };
}

/** Of an address such as `fe80::1%eth0` other hosts know no interface. */
function isLinkLocal(ipv6: string): boolean {
  return /^fe[89ab]/i.test(ipv6);
}

function firstExternal(): string | undefined {
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
