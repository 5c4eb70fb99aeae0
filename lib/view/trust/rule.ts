import { isIP } from "node:net";
import { Networks } from "../../base/networks.ts";
import { anyPattern, type Pattern } from "../../base/pattern.ts";
import { withoutFinalDot } from "../../model/host.ts";
import type { Endpoint } from "../../model/pool.ts";
import type { TrustRule } from "./contract.ts";

type Located = Pick<Endpoint, "host" | "port">;

/** A rule for the instances of one service, compiled. */
export class CompiledRule {
  readonly #rule: TrustRule;
  /** The setting, for people: `watch.trust.services.payments`. */
  readonly #setting: string;
  readonly #networks: Networks | undefined;
  readonly #fitsName: Pattern | undefined;
  readonly #ports: readonly (readonly [from: number, to: number])[] | undefined;

  constructor(rule: TrustRule, setting: string) {
    const { hosts, names, ports } = rule;
    this.#rule = rule;
    this.#setting = setting;
    this.#networks = hosts && new Networks(hosts);
    this.#fitsName = names && anyPattern(names.map(canonical), ".");
    this.#ports = ports?.map(portRange);
  }

  /** Why an instance is where it may not be: a clause; undefined if the rule permits it. */
  refuses({ host, port }: Located): string | undefined {
    const problem = isIP(host) === 0 ? this.#refusesName(host) : this.#refusesAddress(host);
    if (problem !== undefined) return problem;
    if (!this.#ports || this.#ports.some(([from, to]) => port >= from && port <= to))
      return undefined;
    return `its port ${port} is none of ${list(this.#rule.ports)} (${this.#setting}.ports)`;
  }

  /** Why the addresses of a host name are not trusted; undefined if they are. */
  refusesResolved(host: string, addresses: readonly string[]): string | undefined {
    const networks = this.#networks;
    const foreign = networks && addresses.find((address) => !networks.has(address));
    if (foreign === undefined) return undefined;
    return `${host} has the address ${foreign}, which is not within ${list(this.#rule.hosts)} (${this.#setting}.hosts)`;
  }

  #refusesAddress(host: string): string | undefined {
    const { hosts, names } = this.#rule;
    if (hosts) {
      if (this.#networks?.has(host)) return undefined;
      return `${host} is not within ${list(hosts)} (${this.#setting}.hosts)`;
    }
    if (!names) return undefined;
    return `${host} is an address, and only names like ${list(names)} are permitted (${this.#setting}.names)`;
  }

  #refusesName(host: string): string | undefined {
    const { hosts, names } = this.#rule;
    if (names) {
      if (this.#fitsName?.(canonical(host))) return undefined;
      return `${host} is no name like ${list(names)} (${this.#setting}.names)`;
    }
    if (!hosts) return undefined;
    return `${host} is a name, and only addresses within ${list(hosts)} are permitted (${this.#setting}.hosts)`;
  }
}

function canonical(name: string): string {
  return withoutFinalDot(name.toLowerCase());
}

function portRange(text: string): readonly [number, number] {
  const [from = "", to = from] = text.split("-");
  return [Number(from), Number(to)];
}

function list(items: readonly string[] = []): string {
  return items.length === 0 ? "an empty list" : items.join(", ");
}
