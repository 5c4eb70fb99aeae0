import { type Cell, type Current, untilAny, untilEach } from "../../lib/base/cell.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { InstanceOperations, Operated, OperatedInstance } from "../../lib/control/contract.ts";
import { faults } from "../../lib/control/faults.ts";
import type { FoundInstance } from "../../lib/discover/contract.ts";
import { explain } from "../../lib/health/combine.ts";
import { encode, hasWeights } from "../../lib/model/encode.ts";
import type { Instance } from "../../lib/model/instance.ts";
import { isSameButStamp } from "../../lib/model/stamp.ts";
import type { DrainReason, Requested } from "../../lib/presence/contract.ts";
import { toRegister } from "../../lib/presence/drain.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import type { DrainController } from "./drain.ts";
import { type ServedDeps, untilServed } from "./served.ts";
import type { PresenceState } from "./state.ts";
import type { WeightController } from "./weights.ts";

const causes: Readonly<Record<DrainReason, string>> = {
  request: "it is drained on request",
  stop: "its container or program is stopped, or it is removed from the configuration",
  shutdown: "the agent stops",
};

interface OperatedState
  extends Pick<
    PresenceState,
    "found" | "health" | "desired" | "observed" | "storeKeys" | "session"
  > {
  readonly applied: Cell<Requested>;
}

type OperatedPlan = Placing & Pick<PresencePlan, "format">;

/** The instances of an agent, as they are to be registered. Requests are answered once they apply, and so are saved. */
export class Operations implements InstanceOperations {
  readonly #plan: Current<OperatedPlan>;
  readonly #state: OperatedState;
  readonly #drains: DrainController;
  readonly #weights: WeightController;
  readonly #deps: ServedDeps;

  constructor(
    plan: Current<OperatedPlan>,
    state: OperatedState,
    { drains, weights }: { readonly drains: DrainController; readonly weights: WeightController },
    deps: ServedDeps,
  ) {
    this.#plan = plan;
    this.#state = state;
    this.#drains = drains;
    this.#weights = weights;
    this.#deps = deps;
  }

  readonly drain: InstanceOperations["drain"] = async (request, signal) => {
    const drained = await this.#drains.drain(request, signal);
    await this.#untilApplied(signal);
    return drained;
  };

  readonly untilDiscovered: InstanceOperations["untilDiscovered"] = async (limitMs, signal) => {
    const { clock } = this.#deps;
    const endMs = clock.now() + limitMs;
    const complete = (s: AbortSignal) => this.#state.found.until(({ isComplete }) => isComplete, s);
    const late = () => {
      throw faults.CONTROL_NOT_DISCOVERED({ limitMs });
    };
    await withTimeout(limitMs, complete, late, clock, signal);
    return Math.max(0, endMs - clock.now());
  };

  readonly untilServed: InstanceOperations["untilServed"] = (request, signal) =>
    untilServed(this.#plan.value, this.#state, request, this.#deps, signal);

  /** Resolves once the keyspace has the entries of the instances that are healthy. */
  readonly undrain: InstanceOperations["undrain"] = async (names, signal) => {
    this.#drains.undrain(names);
    return await this.#settled(names, signal);
  };

  /** Resolves once the keyspace has the weights of the instances that are registered. Throws CONTROL_NO_WEIGHTS. */
  readonly weigh: InstanceOperations["weigh"] = async ({ names, weight }, signal) => {
    if (!hasWeights(this.#plan.value.format)) throw faults.CONTROL_NO_WEIGHTS({});
    this.#weights.weigh(names, weight);
    return await this.#settled(names, signal);
  };

  /** Waits until the keyspace has the entries that these instances should have. */
  async #settled(names: readonly string[], signal: AbortSignal): Promise<Operated> {
    const { found, health, observed, storeKeys } = this.#state;
    const places = placesOf(this.#plan.value);
    const isSettled = (name: string) => {
      const key = places.keyOf(name);
      const entry = observed.value?.get(storeKeys.value.get(key) ?? key);
      return observed.value !== undefined && isSameButStamp(entry?.value, this.#entryOf(name));
    };
    const cells = [
      found,
      health,
      observed,
      storeKeys,
      this.#drains.draining,
      this.#weights.weights,
    ];
    await this.#untilApplied(signal);
    await untilEach(cells, names, isSettled, signal);
    return { instances: names.map((name) => this.#outcomeOf(name)) };
  }

  async #untilApplied(signal: AbortSignal): Promise<void> {
    const { applied } = this.#state;
    const [{ draining }, { weights }] = [this.#drains, this.#weights];
    const isApplied = () =>
      applied.value.draining === draining.value && applied.value.weights === weights.value;
    await untilAny([applied, draining, weights], isApplied, signal);
  }

  #find(name: string): FoundInstance | undefined {
    return this.#state.found.value.found.find(({ instance }) => nameOf(instance) === name);
  }

  /** The instance as it is to be registered now; undefined if it is not. */
  #registeredAs(name: string): Instance | undefined {
    const one = this.#find(name);
    if (!one || this.#state.health.value.get(name)?.verdict !== "up") return undefined;
    const requested = {
      draining: this.#drains.draining.value,
      weights: this.#weights.weights.value,
    };
    return toRegister([one], requested, this.#deps.clock.now(), this.#plan.value.format)[0];
  }

  #entryOf(name: string): string | undefined {
    const instance = this.#registeredAs(name);
    return instance && encode(instance, this.#plan.value.format);
  }

  #outcomeOf(name: string): OperatedInstance {
    const instance = this.#registeredAs(name);
    const weight = instance && (instance.weight ?? 1);
    const drain = this.#drains.draining.value.get(name);
    return {
      name,
      ...(weight !== undefined && { weight }),
      why: drain ? causes[drain.reason] : instance ? "" : this.#problemOf(name),
    };
  }

  #problemOf(name: string): string {
    const one = this.#find(name);
    if (!one) return "it is gone";
    if (one.standing.state !== "up") return one.standing.why;
    const health = this.#state.health.value.get(name);
    return (health && explain(health)) || "it has not been checked yet";
  }
}
