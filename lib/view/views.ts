import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { WatchPlan } from "../config/plan.ts";
import type { Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { RetainedFacts } from "../status/contract.ts";
import type { Guarded, GuardRules, Pools } from "./contract.ts";
import { emptyGuarded, guard, retainedLosses } from "./guard.ts";
import { allQuarantined, pools } from "./pools.ts";
import { RetainedLog } from "./retained-log.ts";

/** The services of each snapshot, made once for all templates; says which entries are left out, and which are held. */
export class Views {
  /** What the keyspace said last, and what is shown of it. */
  readonly latest: Cell<Guarded>;
  readonly #rules: GuardRules;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #held: RetainedLog;
  #said = new Set<string>();

  constructor({ services, guard }: Pick<WatchPlan, "services" | "guard">, clock: Clock, log: Log) {
    this.latest = new Cell(emptyGuarded(services));
    this.#rules = guard;
    this.#clock = clock;
    this.#log = log;
    this.#held = new RetainedLog(clock, log);
  }

  of(snapshot: Snapshot): Pools {
    const before = this.latest.value;
    const said = pools(before.observed, snapshot);
    const now = guard(before, said, this.#rules, this.#clock.now());
    this.latest.set(now);
    if (said.quarantined !== before.observed.quarantined) this.#sayQuarantined(said);
    this.#held.say(now);
    return now.effective;
  }

  /** The entries that are left out of what was seen last. */
  get quarantined(): readonly Quarantined[] {
    return allQuarantined(this.latest.value.observed);
  }

  /** The services that are shown with instances which have gone. */
  get retained(): readonly RetainedFacts[] {
    return retainedLosses(this.latest.value.losses).map(([service, { retained: held, live }]) => {
      const untilMs = Math.max(...held.map((one) => one.untilMs));
      return { service, retained: held.length, live, untilMs };
    });
  }

  /** A bad entry is mentioned once, however often it is written, as long as the same is wrong with it. */
  #sayQuarantined(said: Pools): void {
    const standing = new Set<string>();
    for (const { key, revision, why } of allQuarantined(said)) {
      const mark = `${key} ${why}`;
      standing.add(mark);
      if (this.#said.has(mark)) continue;
      this.#log.warn("quarantined", `${key} (revision ${revision}) is left out: ${why}`, {
        key,
        revision,
        why,
      });
    }
    this.#said = standing;
  }
}
