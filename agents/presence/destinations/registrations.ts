import type { Clock } from "../../../lib/base/clock.ts";
import type {
  Destination,
  Observed,
  ObservedState,
  Wanted,
} from "../../../lib/destination/contract.ts";
import {
  type Candidates,
  isLive,
  type Known,
  type KnownRegistrations,
  knownAfterObservation,
  unknownRegistration,
} from "../../../lib/destination/decide.ts";

/** The state of an instance in a destination. */
export interface InDestination extends Pick<Known, "why" | "sinceMs" | "isKept"> {
  /** `unknown` until it was requested or observed. */
  readonly state: ObservedState | "unknown";
  /** It gets requests there, or is about to; or it drains there, where it stays registered meanwhile. */
  readonly isRegistered: boolean;
  /** A request to register it was accepted, and none to deregister it since. */
  readonly wasRegistered: boolean;
  /** It gets no new requests, and none that it got are under way as far as the destination knows. */
  readonly isDrained: boolean;
}

/** An instance for which nothing was requested or observed. */
export const unknownThere: InDestination = {
  ...{ state: "unknown", why: "", sinceMs: 0, isKept: false },
  ...{ isRegistered: false, wasRegistered: false, isDrained: true },
};

/** A registration that was observed in another state than before. */
export interface Observation {
  readonly as: Wanted;
  readonly is: Observed;
}

/** The registrations in one destination, as far as they are known. */
export class Registrations {
  #known: KnownRegistrations;
  readonly #registrationOf: (one: Wanted) => string;
  readonly #clock: Clock;

  /** `restored` are the ones that earlier processes may have made. */
  constructor(
    destination: Pick<Destination, "registrationOf">,
    restored: readonly Wanted[],
    clock: Clock,
  ) {
    this.#registrationOf = ({ instance }) => destination.registrationOf(instance);
    this.#clock = clock;
    this.#known = new Map(
      restored.map((one) => [
        this.#registrationOf(one),
        { ...unknownRegistration(one), mayExist: true },
      ]),
    );
  }

  get known(): KnownRegistrations {
    return this.#known;
  }

  /** What may be registered. */
  get existing(): readonly Wanted[] {
    return Array.from(this.#known.values(), (one) => (one.mayExist ? [one.as] : [])).flat();
  }

  mayExist(one: Wanted): boolean {
    return this.#of(one)?.mayExist ?? false;
  }

  isKept(one: Wanted): boolean {
    return this.#of(one)?.isKept ?? false;
  }

  /** From now on they may be registered, whatever comes of the request. */
  requested(instances: readonly Wanted[]): void {
    this.#change(instances, (before) => ({ ...before, mayExist: true }));
  }

  /** The request was accepted. Returns the ones that were not registered before. */
  registered(instances: readonly Wanted[]): readonly Wanted[] {
    const added = instances.filter((one) => !this.#of(one)?.isConfirmed);
    const sinceMs = this.#clock.now();
    this.#change(instances, (before, as) => {
      const { state = "absent" } = before;
      const isOther = as.isDraining
        ? state !== "draining"
        : state === "absent" || state === "draining";
      const next = as.isDraining ? ("draining" as const) : ("registering" as const);
      const changed = isOther ? { state: next, why: "", sinceMs } : {};
      return { ...before, as, mayExist: true, isConfirmed: true, ...changed };
    });
    return added;
  }

  /** The request was accepted: they drain until they are observed to be absent. */
  deregistered(instances: readonly Wanted[]): void {
    const sinceMs = this.#clock.now();
    this.#change(instances, (before) => ({
      ...{ as: { ...before.as, isDraining: false }, isConfirmed: false, mayExist: false },
      ...{ state: "draining" as const, why: "", sinceMs, isKept: false },
    }));
  }

  /** They stay. Returns the ones that were not kept before. */
  kept(instances: readonly Wanted[]): readonly Wanted[] {
    const added = instances.filter((one) => !this.isKept(one));
    this.#change(instances, (before) => ({ ...before, isKept: true }));
    return added;
  }

  /** No other ones are kept any longer. */
  keepOnly(instances: readonly Wanted[]): void {
    const kept = new Set(instances.map(this.#registrationOf));
    const others = [...this.#known].filter(([key, { isKept }]) => isKept && !kept.has(key));
    for (const [, { as }] of others) this.#change([as], (before) => ({ ...before, isKept: false }));
  }

  /** Returns the ones that are in another state than before. */
  observed(
    asked: readonly Wanted[],
    states: ReadonlyMap<string, Observed>,
  ): readonly Observation[] {
    const all = asked.flatMap((as) => {
      const is = states.get(as.name);
      return is ? [{ registration: this.#registrationOf(as), as, is }] : [];
    });
    const changed = all.filter(({ as, is }) => this.#of(as)?.state !== is.state);
    this.#known = knownAfterObservation(this.#known, all, this.#clock.now());
    return changed;
  }

  forget(registrations: readonly string[]): void {
    if (registrations.length === 0) return;
    const after = new Map(this.#known);
    for (const one of registrations) after.delete(one);
    this.#known = after;
  }

  /** The state of each candidate, by name. */
  states({ candidates }: Candidates): ReadonlyMap<string, InDestination> {
    return new Map(
      candidates.map(({ name, instance }) => {
        const known = this.#of({ name, instance, isDraining: false });
        return [name, stateOf(known)];
      }),
    );
  }

  #of(one: Wanted): Known | undefined {
    return this.#known.get(this.#registrationOf(one));
  }

  #change(instances: readonly Wanted[], change: (before: Known, as: Wanted) => Known): void {
    const after = new Map(this.#known);
    for (const one of instances) {
      const registration = this.#registrationOf(one);
      after.set(registration, change(after.get(registration) ?? unknownRegistration(one), one));
    }
    this.#known = after;
  }
}

function stateOf(known: Known | undefined): InDestination {
  if (!known) return unknownThere;
  const { state = "unknown", why, sinceMs, isKept, as, isConfirmed, mayExist } = known;
  const isMarked = state === "draining" && as.isDraining;
  return {
    ...{ state, why, sinceMs, isKept, wasRegistered: isConfirmed },
    isRegistered: isMarked || isLive(known.state),
    isDrained: isMarked || state === "absent" || (state === "unknown" && !mayExist),
  };
}
