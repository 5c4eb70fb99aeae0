import { isDeepStrictEqual } from "node:util";
import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Entry } from "../model/entry.ts";
import type { Quarantined } from "../model/pool.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { Guarded, GuardRules, Limits, Pools, QuarantinedSince } from "./contract.ts";
import { emptyGuarded, guard, retainedLosses } from "./guard.ts";
import { allQuarantined, pools } from "./pools.ts";
import { logQuarantined } from "./quarantine-log.ts";
import { RetainedLog } from "./retained-log.ts";
import { type NamedSources, Sources } from "./sources.ts";

/** Where services are, and what they may lose. */
export interface ViewRules {
  /** The folder of the keyspace whose sub-folders are the services; false if there are only sources. */
  readonly services: string | false;
  /** Where the instances of further services are, and of those with these names. */
  readonly sources?: NamedSources;
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
  /** Since when, in milliseconds of the clock. */
  readonly sinceMs: number;
  /** Until when, in milliseconds of the clock; infinite for as long as it has no others. */
  readonly untilMs: number;
}

/** The services of each snapshot, computed once for all templates. Logs which entries are quarantined and which retained. */
export class Views {
  /** The services of the last snapshot, before and after the guard. */
  readonly latest: Cell<Guarded>;
  /** The last snapshot after the guard. */
  readonly effective = new Cell(Snapshot.empty);
  #rules: ViewRules;
  /** What the services are computed from that were not, since other rules apply. */
  #anew: Guarded | undefined;
  readonly #isQuarantined: (entry: Entry) => boolean;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #retained: RetainedLog;
  /** Since when entries are quarantined, by their marks; each of them was logged. */
  #quarantinedMs: ReadonlyMap<string, number> = new Map();

  /** `isQuarantined`: whether files are rendered without an entry, so that nothing is lost with it. */
  constructor(
    rules: ViewRules,
    clock: Clock,
    log: Log,
    isQuarantined: (entry: Entry) => boolean = () => false,
  ) {
    this.latest = new Cell(emptyOf(rules));
    this.#rules = rules;
    this.#isQuarantined = isQuarantined;
    this.#clock = clock;
    this.#log = log;
    this.#retained = new RetainedLog(clock, log);
  }

  /** Other rules apply from the next snapshot on. Where services are elsewhere, or limited otherwise, none is retained. */
  replaceRules(rules: ViewRules): void {
    const places = ({ services, sources, limits }: ViewRules) => [services, sources, limits];
    const isSame = isDeepStrictEqual(places(this.#rules), places(rules));
    this.#rules = rules;
    if (!isSame) this.#anew = emptyOf(rules);
  }

  /** The services to render from this snapshot. */
  of(snapshot: Snapshot): Pools {
    const before = this.#anew ?? this.latest.value;
    this.#anew = undefined;
    const observed = pools(before.observed, snapshot);
    const guarded = guard(
      before,
      observed,
      this.#rules.guard,
      this.#clock.now(),
      this.#isQuarantined,
    );
    this.latest.set(guarded);
    if (guarded.effective.snapshot !== this.effective.value)
      this.effective.set(guarded.effective.snapshot);
    const unreadableChanged = snapshot.unreadable !== before.observed.snapshot.unreadable;
    if (observed.quarantined !== before.observed.quarantined || unreadableChanged) {
      this.#logQuarantined(unusable(observed));
    }
    this.#retained.log(guarded);
    return guarded.effective;
  }

  /** The quarantined entries of the last snapshot. */
  get quarantined(): readonly QuarantinedSince[] {
    return unusable(this.latest.value.observed).map((one) => ({
      ...one,
      sinceMs: this.#quarantinedMs.get(markOf(one)) ?? this.#clock.now(),
    }));
  }

  get retained(): readonly RetainedService[] {
    return retainedLosses(this.latest.value.losses).map(([service, { retained, live }]) => {
      const untilMs = Math.max(...retained.map((one) => one.untilMs));
      const sinceMs = Math.min(...retained.map((one) => one.sinceMs));
      return { service, retained: retained.length, live, sinceMs, untilMs };
    });
  }

  /**
   * A bad entry is logged once, however often it is written, as long as the reason is the same; a limit once for as long as
   * it leaves anything out.
   */
  #logQuarantined(quarantined: readonly Quarantined[]): void {
    const before = this.#quarantinedMs;
    const nowMs = this.#clock.now();
    const fresh = quarantined.filter((one) => !before.has(markOf(one)));
    this.#quarantinedMs = new Map(
      quarantined.map(markOf).map((mark) => [mark, before.get(mark) ?? nowMs]),
    );
    logQuarantined(fresh, "", this.#log);
  }
}

function emptyOf({ services, sources, limits }: ViewRules): Guarded {
  return emptyGuarded(new Sources(services, sources), limits);
}

function unusable(observed: Pools): readonly Quarantined[] {
  const all = [...observed.snapshot.unreadable, ...allQuarantined(observed)];
  // An entry of several services is one.
  return observed.sources.named.size === 0
    ? all
    : [...new Map(all.map((one) => [markOf(one), one])).values()];
}

/** Distinguishes an entry and its reason from all others. */
function markOf({ key, why, count }: Quarantined): string {
  return `${key} ${count === undefined ? why : "beyond a limit"}`;
}
