import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Weights } from "../../lib/presence/contract.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import { weightsAfter, weightsWith } from "../../lib/presence/weight.ts";
import { listed } from "./listed.ts";
import type { PresenceState } from "./state.ts";

/** The weights that were requested: each applies until it is taken back, or until its instance is gone or runs again. */
export class WeightController {
  /** By name. */
  readonly weights: Cell<Weights>;
  readonly #found: PresenceState["found"];
  readonly #deps: { readonly clock: Clock; readonly log: Log };

  /** `restored` has the requested weights of an earlier process. */
  constructor(
    found: PresenceState["found"],
    restored: Weights,
    deps: { readonly clock: Clock; readonly log: Log },
  ) {
    this.weights = new Cell(restored);
    this.#found = found;
    this.#deps = deps;
  }

  /** Ends the weights of runs that are gone. */
  async followDiscovery(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { version, value } = this.#found;
      const after = weightsAfter(this.weights.value, value);
      if (after.size !== this.weights.value.size) this.weights.set(after);
      await this.#found.newer(version, signal);
    }
  }

  /** Gives instances a weight; undefined for their own one. */
  weigh(names: readonly string[], weight: number | undefined): void {
    const { clock, log } = this.#deps;
    const named = new Set(names);
    const present = this.#found.value.found.filter(({ instance }) => named.has(nameOf(instance)));
    this.weights.set(weightsWith(this.weights.value, present, weight, clock.now()));
    const sentence =
      weight === undefined
        ? `the weight of ${listed(names)} is its own again`
        : `the weight of ${listed(names)} is ${weight} on request`;
    log.info("weight_changed", sentence, { ids: names, weight });
  }
}
