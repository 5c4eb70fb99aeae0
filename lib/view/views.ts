import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Entry } from "../model/entry.ts";
import type { Quarantined } from "../model/pool.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { Guarded, GuardRules, Limits, Pools } from "./contract.ts";
import { emptyGuarded, guard, retainedLosses } from "./guard.ts";
import { allQuarantined, pools } from "./pools.ts";
import { logQuarantined } from "./quarantine-log.ts";
import { RetainedLog } from "./retained-log.ts";

/** Where services are, and what they may lose. */
export interface ViewRules {
  /** The folder of the keyspace whose sub-folders are the services. */
  readonly services: string;
  readonly limits: Limits;
  readonly guard: GuardRules;
}

/** A service that has lost more instances than the guard allows, and keeps them. */
export interface RetainedService {
  readonly service: string;
  /** How many instances are retained. */
  readonly retained: number;
  /** How many others it has. */
  readonly live: number;
  /** Until when, in milliseconds of the clock; infinite for as long as it has no others. */
  readonly untilMs: number;
}

/** The services of each snapshot, computed once for all templates. Logs which entries are quarantined and which retained. */
export class Views {
  /** The services of the last snapshot, before and after the guard. */
  readonly latest: Cell<Guarded>;
  /** The last snapshot after the guard. */
  readonly effective = new Cell(Snapshot.empty);
  readonly #rules: GuardRules;
  readonly #isQuarantined: (entry: Entry) => boolean;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #retained: RetainedLog;
  #logged = new Set<string>();

  /** `isQuarantined`: whether files are rendered without an entry, so that nothing is lost with it. */
  constructor(
    { services, limits, guard }: ViewRules,
    clock: Clock,
    log: Log,
    isQuarantined: (entry: Entry) => boolean = () => false,
  ) {
    this.latest = new Cell(emptyGuarded(services, limits));
    this.#rules = guard;
    this.#isQuarantined = isQuarantined;
    this.#clock = clock;
    this.#log = log;
    this.#retained = new RetainedLog(clock, log);
  }

  /** The services to render from this snapshot. */
  of(snapshot: Snapshot): Pools {
    const before = this.latest.value;
    const observed = pools(before.observed, snapshot);
    const guarded = guard(before, observed, this.#rules, this.#clock.now(), this.#isQuarantined);
    this.latest.set(guarded);
    if (guarded.effective.snapshot !== this.effective.value)
      this.effective.set(guarded.effective.snapshot);
    const unreadableChanged = snapshot.unreadable !== before.observed.snapshot.unreadable;
    if (observed.quarantined !== before.observed.quarantined || unreadableChanged) {
      this.#logQuarantined(this.quarantined);
    }
    this.#retained.log(guarded);
    return guarded.effective;
  }

  /** The quarantined entries of the last snapshot. */
  get quarantined(): readonly Quarantined[] {
    const { observed } = this.latest.value;
    return [...observed.snapshot.unreadable, ...allQuarantined(observed)];
  }

  get retained(): readonly RetainedService[] {
    return retainedLosses(this.latest.value.losses).map(([service, { retained, live }]) => {
      const untilMs = Math.max(...retained.map((one) => one.untilMs));
      return { service, retained: retained.length, live, untilMs };
    });
  }

  /**
   * A bad entry is logged once, however often it is written, as long as the reason is the same; a limit once for as long as
   * it leaves anything out.
   */
  #logQuarantined(quarantined: readonly Quarantined[]): void {
    const mark = ({ key, why, count }: Quarantined) =>
      `${key} ${count === undefined ? why : "beyond a limit"}`;
    const fresh = quarantined.filter((one) => !this.#logged.has(mark(one)));
    this.#logged = new Set(quarantined.map(mark));
    logQuarantined(fresh, "", this.#log);
  }
}
