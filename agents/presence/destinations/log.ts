import type { Log } from "../../../lib/base/log.ts";
import type { ObservedState, Wanted } from "../../../lib/destination/contract.ts";
import { listed } from "../listed.ts";
import type { Observation } from "./registrations.ts";

const sentences: Readonly<Record<ObservedState, string>> = {
  absent: "is not registered",
  registering: "is registered, and gets no requests yet",
  serving: "gets requests",
  failing: "is registered, and gets no requests",
  draining: "drains",
};

/** Logs what happens to the instances in one destination. */
export class DestinationLog {
  readonly #name: string;
  readonly #log: Log;

  constructor(name: string, log: Log) {
    this.#name = name;
    this.#log = log;
  }

  registered(instances: readonly Wanted[]): void {
    if (instances.length === 0) return;
    const ids = namesOf(instances);
    const sentence = `registered ${listed(ids)} in ${this.#name}`;
    this.#log.info("destination_registered", sentence, { ids, destination: this.#name });
  }

  deregistered(instances: readonly Wanted[], isUnhealthy: boolean): void {
    const ids = namesOf(instances);
    const why = isUnhealthy ? " (unhealthy)" : "";
    const sentence = `deregistered ${listed(ids)}${why} from ${this.#name}`;
    this.#log.info("destination_deregistered", sentence, { ids, destination: this.#name });
  }

  kept(instances: readonly Wanted[]): void {
    if (instances.length === 0) return;
    const ids = namesOf(instances);
    const sentence = `${listed(ids)} stays in ${this.#name} although unhealthy: nothing else is healthy there`;
    this.#log.warn("destination_kept", sentence, { ids, destination: this.#name });
  }

  observed(observations: readonly Observation[]): void {
    for (const { as, is } of observations) {
      const { state, why } = is;
      const sentence = `${as.name} ${sentences[state]} in ${this.#name}${why && `: ${why}`}`;
      const [id, destination] = [as.name, this.#name];
      if (state === "failing")
        this.#log.warn("destination_state", sentence, { id, destination, state, why });
      else this.#log.info("destination_state", sentence, { id, destination, state, why });
    }
  }

  /** The time to stop is over. */
  left(ids: readonly string[]): void {
    const sentence = `the shutdown does not wait any longer for ${this.#name}, where ${listed(ids)} may still be registered or drain`;
    this.#log.warn("destination_left", sentence, { ids, destination: this.#name });
  }
}

function namesOf(instances: readonly Wanted[]): readonly string[] {
  return instances.map(({ name }) => name);
}
