import type { Family, Recorded } from "./contract.ts";

/** Counts events by the value of one label. */
export class Counter implements Recorded {
  readonly #name: string;
  readonly #help: string;
  readonly #label: string;
  readonly #counts: Map<string, number>;

  /** `values` are the values of the label that are shown before they were counted, so that the first event is an increase. */
  constructor(name: string, help: string, label: string, values: readonly string[] = []) {
    this.#name = name;
    this.#help = help;
    this.#label = label;
    this.#counts = new Map(values.map((value) => [value, 0]));
  }

  increment(value: string): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  get family(): Family {
    return {
      ...{ name: this.#name, help: this.#help, type: "counter" },
      samples: Array.from(this.#counts, ([label, value]) => ({
        labels: { [this.#label]: label },
        value,
      })),
    };
  }
}
