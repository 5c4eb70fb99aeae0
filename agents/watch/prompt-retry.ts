import type { Clock } from "../../lib/base/clock.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Causes } from "./causes.ts";
import type { ObservedGroup } from "./observe-group.ts";

/**
 * The shortest time between two repairs, in milliseconds: another program may write the same file again and again. Also that
 * between two retries for a proxy that only attempts find to be down: they may need more than a look shows.
 */
const restMs = 10_000;

/** The state before a look. */
export interface BeforeLook {
  readonly wasProxyDown: boolean;
  /** What the last attempt has left, another object for each; undefined if it has not failed. */
  readonly failed: Causes | undefined;
}

/**
 * Decides after each look whether to apply at once: when the proxy is back, when something has changed that may have been the
 * cause of a failure, and to repair.
 */
export class PromptRetry {
  readonly #drift: WatchPlan["drift"];
  readonly #clock: Clock;
  #isRepairing = false;
  #repairedMs = Number.NEGATIVE_INFINITY;
  #backMs = Number.NEGATIVE_INFINITY;
  #wasSeenDown = false;
  /** The failure for which a retry was due last. */
  #retried: Causes | undefined;

  constructor(drift: WatchPlan["drift"], clock: Clock) {
    this.#drift = drift;
    this.#clock = clock;
  }

  isDue({ wasProxyDown, failed }: BeforeLook, seen: ObservedGroup): boolean {
    const isBack = this.#isBack(wasProxyDown, seen);
    const isRepair = this.#isRepair(seen);
    const isCauseGone = failed !== undefined && this.#isCauseGone(failed, seen);
    return isBack || isRepair || isCauseGone;
  }

  /** Once for each failure. */
  #isCauseGone(failed: Causes, { causes }: ObservedGroup): boolean {
    if (failed === this.#retried) return false;
    if (!failed.isDoubtful && failed.description === causes) return false;
    this.#retried = failed;
    return true;
  }

  #isBack(wasProxyDown: boolean, { isProxyDown }: ObservedGroup): boolean {
    const isCertain = this.#wasSeenDown || this.#isOver(this.#backMs);
    this.#wasSeenDown = isProxyDown;
    if (!wasProxyDown || isProxyDown || !isCertain) return false;
    this.#backMs = this.#clock.now();
    return true;
  }

  #isRepair({ files }: ObservedGroup): boolean {
    // The rest begins once the repair is done: this look comes after it.
    if (this.#isRepairing) this.#repairedMs = this.#clock.now();
    this.#isRepairing = false;
    const isOutOfSync = files.some(({ state }) => state === "out of sync");
    if (this.#drift !== "repair" || !isOutOfSync || !this.#isOver(this.#repairedMs)) return false;
    this.#isRepairing = true;
    return true;
  }

  #isOver(ms: number): boolean {
    return this.#clock.now() - ms >= restMs;
  }
}
