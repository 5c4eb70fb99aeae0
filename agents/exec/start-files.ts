import { access } from "node:fs/promises";
import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { race } from "../../lib/base/signal.ts";
import type { Generation } from "../../lib/journal/contract.ts";

/** Files that a program reads when it starts, written together. */
export interface FileGroup {
  /** As the journal has it. */
  readonly title: string;
  readonly targets: readonly string[];
}

/** How long the files are waited for if earlier ones are there, in milliseconds: the keyspace may not answer. */
const patienceMs = 10_000;

/** The files before the program is started: each is written, or refused; or nothing is known of it yet. */
export class StartFiles {
  readonly #states = new Cell<ReadonlyMap<string, "written" | "refused">>(new Map());

  /** Call with each reconciliation. */
  onFact({ group, how, refused }: Pick<Generation, "group" | "how" | "refused">): void {
    if (how === "deferred") return;
    const isRefused = refused !== undefined && refused.code !== "PROXY_NOT_RUNNING";
    const state = isRefused ? "refused" : "written";
    if (this.#states.value.get(group) === state) return;
    this.#states.set(new Map(this.#states.value).set(group, state));
  }

  /**
   * Resolves once each file is written, or was refused while an earlier one is there; or after 10 s if all the others are there from
   * earlier. Returns the files that are earlier ones. Calls `onWaiting` after 10 s with the files that are missing.
   */
  async ready(
    groups: readonly FileGroup[],
    onWaiting: (targets: readonly string[]) => void,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const deadlineMs = clock.now() + patienceMs;
    let isReported = false;
    for (;;) {
      const { value: states, version } = this.#states;
      const isLate = clock.now() >= deadlineMs;
      const unwritten = groups.filter(({ title }) => states.get(title) !== "written");
      const targets = unwritten.flatMap((group) => group.targets);
      const missing = await missingOf(targets);
      const isDecided = isLate || unwritten.every(({ title }) => states.has(title));
      if (isDecided && missing.length === 0) return targets;
      if (isLate && !isReported) onWaiting(missing);
      isReported = isLate;
      await race(
        signal,
        (s) => this.#states.newer(version, s),
        // A refused file that is put there by something else is found without a change.
        (s) => clock.sleep(isLate ? patienceMs : deadlineMs - clock.now(), s),
      );
    }
  }
}

async function missingOf(paths: readonly string[]): Promise<readonly string[]> {
  const missing = paths.map(async (path) => {
    return await access(path).then(
      () => [],
      () => [path],
    );
  });
  return (await Promise.all(missing)).flat();
}
