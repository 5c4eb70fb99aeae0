import { Cell } from "../../base/cell.ts";
import type { Pool } from "../../model/pool.ts";
import type { Pools } from "../contract.ts";
import { type Arrivals, arrive, firstArrivals } from "./arrivals.ts";
import type { PolicyRules, Ramp, SlowStart } from "./contract.ts";
import { policyFor } from "./rules.ts";
import { nextStepMs, rampOf } from "./slow-start.ts";

/** By service and key, since when instances are new, in milliseconds of the clock. */
export type NewSince = ReadonlyMap<string, ReadonlyMap<string, number>>;

interface Tracked {
  readonly pool: Pool | undefined;
  readonly slowStart: SlowStart;
  readonly arrivals: Arrivals;
}

const noRamps: ReadonlyMap<string, Ramp> = new Map();

/** Follows which instances are new, once for all files. Services that have not changed cost a comparison. */
export class ArrivalTracker {
  /** The new instances; set when others are. */
  readonly newSince: Cell<NewSince>;
  readonly #slowStartOf: (service: string) => SlowStart | undefined;
  readonly #tracked = new Map<string, Tracked>();
  /** The new instances of an earlier process, until their service is seen. */
  #restored: NewSince = new Map();
  #isFirst = true;

  constructor(rules: PolicyRules) {
    this.#slowStartOf = (service) => policyFor(service, rules, true)?.slowStart;
    this.newSince = new Cell<NewSince>(new Map());
  }

  /** These were new at the end of an earlier process; before the first look at services. */
  restore(newSince: NewSince): void {
    this.#restored = newSince;
  }

  /** The services are these now. */
  observe({ byName }: Pools, nowMs: number): void {
    let hasChanged = this.#isFirst;
    this.#isFirst = false;
    for (const name of new Set([...byName.keys(), ...this.#tracked.keys()])) {
      const slowStart = this.#slowStartOf(name);
      const [pool, before] = [byName.get(name), this.#tracked.get(name)];
      if (!slowStart || (before && before.pool === pool)) continue;
      const instances = pool?.instances ?? [];
      const arrivals = before
        ? arrive(before.arrivals, instances, slowStart.windowMs, nowMs)
        : firstArrivals(instances, this.#restored.get(name));
      hasChanged ||= !isSame(arrivals.newSinceMs, before?.arrivals.newSinceMs);
      if (arrivals.present.size + arrivals.gone.size === 0) this.#tracked.delete(name);
      else this.#tracked.set(name, { pool, slowStart, arrivals });
    }
    if (!hasChanged) return;
    const all = Array.from(
      this.#tracked,
      ([name, one]) => [name, one.arrivals.newSinceMs] as const,
    );
    this.newSince.set(new Map(all.filter(([, { size }]) => size > 0)));
  }

  /** The shares of the new instances of a service, by key. */
  rampsOf(service: string, nowMs: number): ReadonlyMap<string, Ramp> {
    const { slowStart, arrivals } = this.#tracked.get(service) ?? {};
    if (!slowStart || !arrivals || arrivals.newSinceMs.size === 0) return noRamps;
    const ramps = new Map<string, Ramp>();
    for (const [key, sinceMs] of arrivals.newSinceMs) {
      const ramp = rampOf(slowStart, sinceMs, nowMs);
      if (ramp) ramps.set(key, ramp);
    }
    return ramps.size > 0 ? ramps : noRamps;
  }

  /** When a share changes next, in milliseconds of the clock; infinite if none does. */
  nextDueMs(nowMs: number): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const { slowStart, arrivals } of this.#tracked.values()) {
      const isOpen = arrivals.newSinceMs.values().some((ms) => rampOf(slowStart, ms, nowMs));
      if (isOpen) dueMs = Math.min(dueMs, nextStepMs(slowStart, nowMs));
    }
    return dueMs;
  }
}

function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number> = new Map()) {
  return a.size === b.size && [...a].every(([key, ms]) => b.get(key) === ms);
}
