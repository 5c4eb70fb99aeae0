import type { Family, Sample } from "./contract.ts";

/** Numbers of instances by state, of one service. */
export type ByState = Readonly<Record<string, number>>;

/** How many services have series of their own, and how long a service that is gone keeps its series. */
export interface ServiceLimits {
  /** The most services with series of their own; the others are together in the service `other`. */
  readonly services: number;
  /** How long the series of a service that is gone stay at 0, in milliseconds: scrapes have to see the 0. */
  readonly keepMs: number;
}

/** The instances of services by state. A service that has series keeps them as long as it exists. */
export class ServiceGauge {
  readonly #name: string;
  readonly #help: string;
  readonly #states: readonly string[];
  readonly #limits: ServiceLimits;
  /** The services with series of their own, and when each was last there, in milliseconds. */
  readonly #seenMs = new Map<string, number>();
  /** The last samples of each service: most are the same at the next moment, and their lines are known. */
  readonly #last = new Map<string, readonly Sample[]>();

  constructor(name: string, help: string, states: readonly string[], limits: ServiceLimits) {
    this.#name = name;
    this.#help = help;
    this.#states = states;
    this.#limits = limits;
  }

  /** The family at a moment, and how many services are in `other`. */
  at(
    services: ReadonlyMap<string, ByState>,
    nowMs: number,
  ): { readonly family: Family; readonly dropped: number } {
    const { keepMs } = this.#limits;
    for (const [service, seenMs] of this.#seenMs) {
      if (services.has(service)) this.#seenMs.set(service, nowMs);
      else if (nowMs - seenMs > keepMs) this.#forget(service);
    }
    const others: ByState[] = [];
    for (const [service, byState] of services) {
      if (this.#seenMs.has(service)) continue;
      if (this.#seenMs.size < this.#limits.services) this.#seenMs.set(service, nowMs);
      else others.push(byState);
    }
    const own = [...this.#seenMs.keys()].flatMap((service) =>
      this.#samples(service, services.get(service) ?? {}),
    );
    const other = others.length > 0 ? this.#samples("other", sumOf(others, this.#states)) : [];
    const family: Family = {
      ...{ name: this.#name, help: this.#help, type: "gauge" },
      samples: [...own, ...other],
    };
    return { family, dropped: others.length };
  }

  #forget(service: string): void {
    this.#seenMs.delete(service);
    this.#last.delete(service);
  }

  #samples(service: string, byState: ByState): readonly Sample[] {
    const last = this.#last.get(service);
    const samples = this.#states.map((state, i): Sample => {
      const value = byState[state] ?? 0;
      const known = last?.[i];
      return known?.value === value ? known : { labels: { service, state }, value };
    });
    this.#last.set(service, samples);
    return samples;
  }
}

function sumOf(all: readonly ByState[], states: readonly string[]): ByState {
  const sums = states.map((state) => {
    let sum = 0;
    for (const byState of all) sum += byState[state] ?? 0;
    return [state, sum] as const;
  });
  return Object.fromEntries(sums);
}
