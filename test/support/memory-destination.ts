import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Destination, Observed, Wanted } from "../../lib/destination/contract.ts";
import type { Instance } from "../../lib/model/instance.ts";

export interface MemoryDestinationOptions {
  readonly name?: string;
  readonly keepsDraining?: boolean;
  readonly registrationOf?: (instance: Instance) => string;
  /** How long a registered instance is checked before it serves, and how long a deregistered one drains. */
  readonly warmMs?: number;
  readonly drainMs?: number;
}

interface Stored {
  readonly wanted: Wanted;
  readonly sinceMs: number;
  readonly isLeaving: boolean;
}

export const pace = {
  ...{ transitionMs: 15_000, reassertMs: 300_000 },
  backoff: { firstMs: 1000, maxMs: 30_000 },
};

/** A destination in memory, whose next calls can fail, hang, or be accepted without an answer. */
export class MemoryDestination implements Destination {
  readonly name: string;
  readonly keepsDraining: boolean;
  readonly registrationOf: (instance: Instance) => string;
  readonly pace = pace;
  /** `register web/a web/b`, with the time. */
  readonly calls: (readonly [atMs: number, call: string])[] = [];
  /** Targets of other machines are healthy. */
  hasOthers = true;
  /** Instances that its own health check fails. */
  readonly sick = new Set<string>();
  /** Called before each call; may throw. */
  onCall: (call: string) => void | Promise<void> = () => {};
  /** Called after each call has taken effect; may throw, as an answer that is lost. */
  onAnswer: (call: string) => void = () => {};
  readonly #stored = new Map<string, Stored>();
  readonly #clock: Clock;
  readonly #warmMs: number;
  readonly #drainMs: number;
  #isBusy = false;

  constructor(
    clock: Clock,
    {
      name = "memory/one",
      keepsDraining = false,
      registrationOf = ({ service, id }) => `${service}/${id}`,
      warmMs = 10_000,
      drainMs = 5000,
    }: MemoryDestinationOptions = {},
  ) {
    this.name = name;
    this.keepsDraining = keepsDraining;
    this.registrationOf = registrationOf;
    this.#clock = clock;
    this.#warmMs = warmMs;
    this.#drainMs = drainMs;
  }

  describe(): readonly string[] {
    return ["in memory"];
  }

  /** The registrations that get requests, or are about to. */
  get registered(): readonly string[] {
    const all = [...this.#stored].filter(([, { isLeaving }]) => !isLeaving);
    return all.map(([key, { wanted }]) => (wanted.isDraining ? `${key} draining` : key)).sort();
  }

  register(instances: readonly Wanted[]): Promise<void> {
    return this.#call("register", instances, () => {
      for (const wanted of instances) {
        const key = this.registrationOf(wanted.instance);
        const known = this.#stored.get(key);
        const sinceMs = known && !known.isLeaving ? known.sinceMs : this.#clock.now();
        this.#stored.set(key, { wanted, sinceMs, isLeaving: false });
      }
    });
  }

  deregister(instances: readonly Wanted[]): Promise<void> {
    return this.#call("deregister", instances, () => {
      for (const wanted of instances) {
        const key = this.registrationOf(wanted.instance);
        const known = this.#stored.get(key);
        if (!known || known.isLeaving) continue;
        this.#stored.set(key, { ...known, sinceMs: this.#clock.now(), isLeaving: true });
      }
    });
  }

  observe(instances: readonly Wanted[]): Promise<ReadonlyMap<string, Observed>> {
    return this.#call("observe", instances, () => {
      return new Map(instances.map((one) => [one.name, this.#stateOf(one)]));
    });
  }

  servesWithout(instances: readonly Wanted[]): Promise<boolean> {
    return this.#call("servesWithout", instances, () => {
      const left = new Set(instances.map(({ instance }) => this.registrationOf(instance)));
      const own = [...this.#stored].some(
        ([key, { wanted }]) => !left.has(key) && this.#stateOf(wanted).state === "serving",
      );
      return this.hasOthers || own;
    });
  }

  #stateOf({ instance }: Wanted): Observed {
    const key = this.registrationOf(instance);
    const stored = this.#stored.get(key);
    if (!stored) return { state: "absent", why: "" };
    const ageMs = this.#clock.now() - stored.sinceMs;
    if (stored.isLeaving) {
      if (ageMs < this.#drainMs) return { state: "draining", why: "in progress" };
      this.#stored.delete(key);
      return { state: "absent", why: "" };
    }
    if (stored.wanted.isDraining) return { state: "draining", why: "maintenance" };
    if (this.sick.has(key)) return { state: "failing", why: "code 500" };
    return ageMs < this.#warmMs
      ? { state: "registering", why: "initial checks" }
      : { state: "serving", why: "" };
  }

  async #call<T>(action: string, instances: readonly Wanted[], work: () => T): Promise<T> {
    if (this.#isBusy) throw new Error("two calls overlap");
    this.#isBusy = true;
    try {
      const names = instances.map(({ name, isDraining }) => (isDraining ? `${name}*` : name));
      const call = [action, ...names].join(" ");
      this.calls.push([this.#clock.now(), call]);
      await this.onCall(call);
      const result = work();
      this.onAnswer(call);
      return result;
    } finally {
      this.#isBusy = false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A fault of a destination. */
export function destinationFault(code: "THROTTLED" | "UNREACHABLE" | "REFUSED"): Fault {
  return new Fault(`DESTINATION_${code}`, true, `memory/one: ${code.toLowerCase()}`);
}
