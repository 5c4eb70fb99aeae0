import type { SrvRecord } from "node:dns";
import { Resolver } from "node:dns/promises";
import { LookupError, worst } from "./errors.ts";

/** A query is repeated twice, after about 500 ms and 1 s: a packet may be lost. In milliseconds. */
const settings = { timeout: 300, tries: 3 };

/** The name servers of this machine, or one that is given. Its queries occupy no thread, so that any number of them can be open. */
export class NameServer {
  // It reads /etc/resolv.conf now.
  readonly #resolver = new Resolver(settings);

  /** `server` is an IP address with a port, `[::1]:53`. */
  constructor(server?: string) {
    if (server !== undefined) this.#resolver.setServers([server]);
  }

  /** The IPv4 and IPv6 addresses of a full name. Throws a LookupError if there is none, or only one of both queries is answered. */
  async addresses(name: string): Promise<readonly string[]> {
    const found = await Promise.allSettled([
      this.#resolver.resolve4(name),
      this.#resolver.resolve6(name),
    ]);
    const addresses = found.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    const codes = found.flatMap((one) => (one.status === "rejected" ? [codeOf(one.reason)] : []));
    // A program that resolves the name waits for both, and longer than this one does.
    if (addresses.length === 0 || codes.includes("ETIMEOUT")) throw worst(codes);
    return addresses;
  }

  /** The targets of an SRV record. Throws a LookupError. */
  async targets(name: string): Promise<readonly SrvRecord[]> {
    return await this.#resolver.resolveSrv(name).catch((error: unknown) => {
      throw new LookupError(codeOf(error));
    });
  }
}

function codeOf(error: unknown): string {
  return (error as { readonly code?: string }).code ?? String(error);
}
