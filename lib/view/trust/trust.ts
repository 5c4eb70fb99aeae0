import type { Entry } from "../../model/entry.ts";
import type { Endpoint } from "../../model/pool.ts";
import { sealOf } from "../../model/seal.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { TrustRules } from "./contract.ts";
import { CompiledRule } from "./rule.ts";
import { Signatures } from "./signatures.ts";

/** Decides which entries are trusted as instances. */
export class Trust {
  readonly #rules: ReadonlyMap<string, CompiledRule>;
  readonly #signatures: Signatures;
  readonly #otherwise: TrustRules["otherwise"];
  readonly #now: () => number;
  /** When the signatures of accepted entries end, in milliseconds since 1970. */
  readonly #ends = new WeakMap<Entry, number>();
  #nextEndMs = Number.POSITIVE_INFINITY;

  /** `now` returns milliseconds since 1970. */
  constructor(rules: TrustRules, now: () => number = Date.now) {
    this.#rules = new Map(
      Object.entries(rules.services).map(([name, rule]) => [
        name,
        new CompiledRule(rule, `watch.trust.services.${name}`),
      ]),
    );
    this.#signatures = new Signatures(rules, now);
    this.#otherwise = rules.otherwise;
    this.#now = now;
  }

  /** Why the entry of an instance is not trusted; undefined if it is. */
  refuses(endpoint: Endpoint, entry: Entry): string | undefined {
    const { service } = endpoint;
    const rule = this.#rules.get(service);
    const isSigned = this.#signatures.areNeededFor(service);
    if (!rule && !isSigned && this.#otherwise === "refuse")
      return asReason(
        `there is no rule for the service ${service} (watch.trust.otherwise: refuse)`,
      );
    const problem =
      rule?.refuses(endpoint) ?? (isSigned ? this.#signatures.refuses(endpoint, entry) : undefined);
    if (problem === undefined && isSigned) this.#expectEnd(entry, sealOf(entry.value)?.notAfterMs);
    return asReason(problem);
  }

  #expectEnd(entry: Entry, endMs = Number.POSITIVE_INFINITY): void {
    this.#ends.set(entry, endMs);
    this.#nextEndMs = Math.min(this.#nextEndMs, endMs);
  }

  /** The same for an instance with a host name, by the addresses of that. */
  refusesResolved({ service, host }: Endpoint, addresses: readonly string[]): string | undefined {
    return asReason(this.#rules.get(service)?.refusesResolved(host, addresses));
  }

  /** When the next signature of an entry that was accepted ends, in milliseconds since 1970; infinite without any. */
  get nextEndMs(): number {
    return this.#nextEndMs;
  }

  /** Whether the signature of an accepted entry has ended, so that all have to be judged again. */
  hasEnded(snapshot: Snapshot): boolean {
    const nowMs = this.#now();
    if (nowMs < this.#nextEndMs) return false;
    this.#nextEndMs = Number.POSITIVE_INFINITY;
    let hasEnded = false;
    for (const entry of snapshot.chunks.flat()) {
      const endMs = this.#ends.get(entry);
      if (endMs === undefined) continue;
      if (endMs > nowMs) this.#expectEnd(entry, endMs);
      else hasEnded = this.#ends.delete(entry);
    }
    return hasEnded;
  }
}

function asReason(clause: string | undefined): string | undefined {
  return clause === undefined ? undefined : `not trusted: ${clause}`;
}
