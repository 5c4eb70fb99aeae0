import { isDeepStrictEqual } from "node:util";
import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Entry } from "../model/entry.ts";
import type { Quarantined } from "../model/pool.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { Guarded, GuardRules, Limits, Pools, QuarantinedSince } from "./contract.ts";
import { emptyGuarded, guard, retainedLosses } from "./guard.ts";
import { allQuarantined, emptyPools, pools } from "./pools.ts";
import { logQuarantined } from "./quarantine-log.ts";
import { RetainedLog } from "./retained-log.ts";
import { type NamedSources, Sources } from "./sources.ts";
import type { TrustRules } from "./trust/contract.ts";
import { hideUntrusted } from "./trust/hide-untrusted.ts";
import { Trust } from "./trust/trust.ts";

/** Where services are, and what they may lose. */
export interface ViewRules {
  /** The folder of the keyspace whose sub-folders are the services; false if there are only sources. */
  readonly services: string | false;
  /** Where the instances of further services are, and of those with these names. */
  readonly sources?: NamedSources;
  readonly limits: Limits;
  readonly guard: GuardRules;
  /** Absent where all entries are trusted. */
  readonly trust?: TrustRules;
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
  /** The same where only the entries have to be judged again. */
  #unjudged: Pools | undefined;
  readonly #now: () => number;
  readonly #isQuarantined: (entry: Entry) => boolean;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #retained: RetainedLog;
  /** Since when entries are quarantined, by their marks; each of them was logged. */
  #quarantinedMs: ReadonlyMap<string, number> = new Map();

  /** `isQuarantined`: whether files are rendered without an entry, so that nothing is lost with it. `now` returns milliseconds since 1970. */
  constructor(
    rules: ViewRules,
    clock: Clock,
    log: Log,
    isQuarantined: (entry: Entry) => boolean = () => false,
    now: () => number = Date.now,
  ) {
    this.latest = new Cell(emptyOf(rules, now));
    this.#rules = rules;
    this.#now = now;
    this.#isQuarantined = isQuarantined;
    this.#clock = clock;
    this.#log = log;
    this.#retained = new RetainedLog(clock, log);
  }

  /**
   * Other rules apply from the next snapshot on. Where services are elsewhere, or limited otherwise, none is retained; where other entries
   * are trusted, all are judged again.
   */
  replaceRules(rules: ViewRules): void {
    const places = ({ services, sources, limits }: ViewRules) => [services, sources, limits];
    const isSame = isDeepStrictEqual(places(this.#rules), places(rules));
    const isTrustSame = isDeepStrictEqual(this.#rules.trust, rules.trust);
    this.#rules = rules;
    if (isSame && isTrustSame) return;
    const empty = emptyOf(rules, this.#now);
    if (isSame) this.#unjudged = empty.observed;
    else this.#anew = empty;
  }

  /** The services to render from this snapshot. */
  of(snapshot: Snapshot): Pools {
    const before = this.#anew ?? this.latest.value;
    const isOutdated = before.observed.trust?.hasEnded(snapshot) === true;
    const unjudged = this.#unjudged ?? (isOutdated ? this.#nothingRead() : undefined);
    this.#anew = undefined;
    this.#unjudged = undefined;
    const observed = pools(unjudged ?? before.observed, snapshot);
    const kept = guard(before, observed, this.#rules.guard, this.#clock.now(), this.#isQuarantined);
    const guarded = { ...kept, effective: hideUntrusted(kept.effective, observed) };
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

  /** When all entries have to be judged again although none has changed, in milliseconds since 1970; infinite for never. */
  get trustEndsMs(): number {
    return this.latest.value.observed.trust?.nextEndMs ?? Number.POSITIVE_INFINITY;
  }

  /** The state before the first snapshot, in which no entry has been judged. */
  #nothingRead(): Pools {
    const { limits, trust } = this.latest.value.observed;
    const { services, sources } = this.#rules;
    return emptyPools(new Sources(services, sources), limits, trust);
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

function emptyOf({ services, sources, limits, trust }: ViewRules, now: () => number): Guarded {
  return emptyGuarded(new Sources(services, sources), limits, trust && new Trust(trust, now));
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
