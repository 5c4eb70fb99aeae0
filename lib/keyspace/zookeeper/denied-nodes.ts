import type { Clock } from "../../base/clock.ts";
import type { ChangedPaths } from "./changed-paths.ts";
import type { Tree } from "./tree.ts";

/** The interval of attempts, in milliseconds: at least, and for each node. */
const [leastMs, perNodeMs] = [5000, 5];

/** Has the nodes without read permission read again from time to time: ZooKeeper reports no change of an ACL. */
export class DeniedNodes {
  readonly #tree: Pick<Tree, "denied">;
  readonly #clock: Clock;
  #triedMs: number;

  constructor(tree: Pick<Tree, "denied">, clock: Clock) {
    this.#tree = tree;
    this.#clock = clock;
    this.#triedMs = clock.now();
  }

  /** Adds the nodes to the changed ones whenever they are due, until the signal aborts. */
  async addDue(changed: ChangedPaths, signal: AbortSignal): Promise<never> {
    const { denied } = this.#tree;
    for (;;) {
      const dueMs = this.#triedMs + Math.max(leastMs, perNodeMs * denied.size);
      await this.#clock.sleep(Math.max(0, dueMs - this.#clock.now()), signal);
      this.#triedMs = this.#clock.now();
      for (const path of denied) changed.add(path, "data");
    }
  }
}
