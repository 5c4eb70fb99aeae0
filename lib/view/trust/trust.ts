import type { Entry } from "../../model/entry.ts";
import type { Endpoint } from "../../model/pool.ts";
import type { TrustRules } from "./contract.ts";
import { CompiledRule } from "./rule.ts";

/** Decides which entries are trusted as instances. */
export class Trust {
  readonly #rules: ReadonlyMap<string, CompiledRule>;
  readonly #otherwise: TrustRules["otherwise"];

  constructor({ services, otherwise }: TrustRules) {
    this.#rules = new Map(
      Object.entries(services).map(([name, rule]) => [
        name,
        new CompiledRule(rule, `watch.trust.services.${name}`),
      ]),
    );
    this.#otherwise = otherwise;
  }

  /** Why the entry of an instance is not trusted; undefined if it is. */
  refuses(endpoint: Endpoint, _entry: Entry): string | undefined {
    const { service } = endpoint;
    const rule = this.#rules.get(service);
    if (rule) return asReason(rule.refuses(endpoint));
    if (this.#otherwise === "accept") return undefined;
    return asReason(`there is no rule for the service ${service} (watch.trust.otherwise: refuse)`);
  }

  /** The same for an instance with a host name, by the addresses of that. */
  refusesResolved({ service, host }: Endpoint, addresses: readonly string[]): string | undefined {
    return asReason(this.#rules.get(service)?.refusesResolved(host, addresses));
  }
}

function asReason(clause: string | undefined): string | undefined {
  return clause === undefined ? undefined : `not trusted: ${clause}`;
}
