import { Cell } from "../../base/cell.ts";
import type { Changed } from "./library.ts";

/** Paths of nodes, by what is said to have changed of them. */
export type Paths = Readonly<Record<Changed, ReadonlySet<string>>>;

/** What is said to have changed and was not read again yet: a path once, however often it changes. */
export class Touched {
  readonly #paths = new Cell(none());

  add(path: string, what: Changed): void {
    const paths = this.#paths.value;
    paths[what].add(path);
    this.#paths.set(paths);
  }

  /** Hands over what there is, or waits until there is something. */
  async take(signal: AbortSignal): Promise<Paths> {
    const { version, value } = this.#paths;
    if (value.data.size + value.children.size === 0) await this.#paths.newer(version, signal);
    const taken = this.#paths.value;
    this.#paths.set(none());
    return taken;
  }
}

function none(): Readonly<Record<Changed, Set<string>>> {
  return { data: new Set(), children: new Set() };
}
