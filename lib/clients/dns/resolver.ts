import { isIP } from "node:net";
import { hostname } from "node:os";
import type { Clock } from "../../base/clock.ts";
import { abortable, never } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import { isDenial, LookupError, worst } from "./errors.ts";
import { parseHosts } from "./hosts-file.ts";
import { answerLimitMs, systemLimitMs } from "./limits.ts";
import { NameServer } from "./name-server.ts";
import { hasOtherServices } from "./name-services.ts";
import { candidates, parseSearchList } from "./search-list.ts";
import { SystemFile } from "./system-file.ts";
import { SystemLookup } from "./system-lookup.ts";

/** The name servers and the search list of one version of /etc/resolv.conf. */
function readResolvConf(text: string) {
  return { servers: new NameServer(), search: parseSearchList(text, hostname()) };
}

/**
 * Looks names up as programs of this machine do, with a time limit, and without waiting for threads: in /etc/hosts, then at
 * the name servers of /etc/resolv.conf. What these deny is left to the C library, which may know it from elsewhere.
 */
export class SystemResolver {
  readonly #clock: Clock;
  readonly #hosts: SystemFile<ReturnType<typeof parseHosts>>;
  readonly #resolvConf: SystemFile<ReturnType<typeof readResolvConf>>;
  readonly #nameServices: SystemFile<boolean>;
  readonly #system = new SystemLookup();

  constructor(clock: Clock) {
    const now = () => clock.now();
    this.#clock = clock;
    this.#hosts = new SystemFile("/etc/hosts", parseHosts, now);
    this.#resolvConf = new SystemFile("/etc/resolv.conf", readResolvConf, now);
    this.#nameServices = new SystemFile("/etc/nsswitch.conf", hasOtherServices, now);
  }

  /** The IP addresses of a host name, at least one. Throws a LookupError within `lookupLimitMs`. */
  async lookup(host: string): Promise<readonly { readonly address: string }[]> {
    const addresses = isIP(host) === 0 ? await this.#addresses(host) : [host];
    return addresses.map((address) => ({ address }));
  }

  /** The targets of an SRV record. Throws a LookupError within `answerLimitMs`. */
  async resolveSrv(name: string) {
    const { servers } = await this.#resolvConf.read();
    return await this.#within(answerLimitMs, new LookupError("ETIMEOUT"), () =>
      servers.targets(name),
    );
  }

  async #addresses(host: string): Promise<readonly string[]> {
    const hosts = await this.#hosts.read();
    const own = hosts.get(host.replace(/\.$/, "").toLowerCase());
    if (own) return own;
    try {
      return await this.#within(answerLimitMs, new LookupError("ETIMEOUT"), () => this.#ask(host));
    } catch (error) {
      const isLeft = isDenial(error) || (await this.#nameServices.read());
      if (!isLeft) throw error;
      return await this.#within(systemLimitMs, error, (s) => this.#system.addresses(host, s)).catch(
        () => {
          throw error;
        },
      );
    }
  }

  /** Asks for the name with each domain of the search list; a server that does not answer ends that. */
  async #ask(host: string): Promise<readonly string[]> {
    const { servers, search } = await this.#resolvConf.read();
    const codes: string[] = [];
    for (const name of candidates(host, search)) {
      try {
        return await servers.addresses(name);
      } catch (error) {
        if (!(error instanceof LookupError)) throw error;
        codes.push(error.code);
        if (error.code === "ETIMEOUT") break;
      }
    }
    throw worst(codes);
  }

  /** Queries cannot be ended: at the limit they are left behind, and end by themselves. */
  async #within<T>(
    limitMs: number,
    late: unknown,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const onTimeout = () => {
      throw late;
    };
    return await withTimeout(limitMs, (s) => abortable(work(s), s), onTimeout, this.#clock, never);
  }
}
