import { BlockList, isIP } from "node:net";

/** Whether a text is an IP address, or a network such as `10.2.0.0/16`. */
export function isNetwork(text: string): boolean {
  return parsed(text) !== undefined;
}

/** IP addresses and networks, such as `10.2.0.0/16`. An IPv4 address that is written as an IPv6 one belongs to its network, too. */
export class Networks {
  readonly #list = new BlockList();

  /** All of them have to be networks. */
  constructor(networks: readonly string[]) {
    for (const text of networks) {
      const network = parsed(text);
      if (!network) throw new Error(`${text} is no network`);
      this.#list.addSubnet(network.address, network.bits, network.family);
    }
  }

  /** Whether an IP address is in one of them; false for any other text. */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 4 ? "ipv4" : "ipv6");
  }
}

function parsed(text: string) {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  if (version === 0 || address.includes("%") || rest.length > 0) return undefined;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)) return undefined;
  const family = version === 4 ? ("ipv4" as const) : ("ipv6" as const);
  return { address, bits: bits === undefined ? most : Number(bits), family };
}
