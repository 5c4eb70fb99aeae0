import { Cell } from "../base/cell.ts";
import type { Fact, Facts } from "./contract.ts";

/** How many facts are kept in memory. */
const most = 256;

/**
 * The latest facts, for any number of readers at their own pace: each asks for what came after the last one that it has seen,
 * so that it counts nothing twice, and learns how many it has missed.
 */
export class FactList {
  /** The number of the latest fact; 0 before the first one. */
  readonly latest = new Cell(0);
  #facts: readonly Fact[] = [];

  append(fact: Omit<Fact, "seq">): Fact {
    const added = { seq: this.latest.value + 1, ...fact };
    this.#facts = [...this.#facts.slice(1 - most), added];
    this.latest.set(added.seq);
    return added;
  }

  since(seq: number): Facts {
    const facts = this.#facts.filter((one) => one.seq > seq);
    return { facts, missed: Math.max(0, this.latest.value - seq - facts.length) };
  }
}
