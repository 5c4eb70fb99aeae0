import { Cell } from "../../base/cell.ts";
import type { ChangeKind } from "./library.ts";

/** Paths of nodes, by kind of change. */
export type Paths = Readonly<Record<ChangeKind, ReadonlySet<string>>>;

/** The nodes that have changed and were not read since. Each path is kept once, however often its node changes. */
export class ChangedPaths {
  readonly #paths = new Cell(emptyPaths());

  add(path: string, kind: ChangeKind): void {
    const paths = this.#paths.value;
    paths[kind].add(path);
    this.#paths.set(paths);
  }

  /** Waits for changed paths and takes them. */
  async take(signal: AbortSignal): Promise<Paths> {
    const isAny = ({ data, children }: Paths) => data.size + children.size > 0;
    const paths = await this.#paths.until(isAny, signal);
    this.#paths.set(emptyPaths());
    return paths;
  }
}

function emptyPaths(): Readonly<Record<ChangeKind, Set<string>>> {
  return { data: new Set(), children: new Set() };
}
