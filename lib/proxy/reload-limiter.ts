import type { Clock } from "../base/clock.ts";
import { Fault } from "../base/fault.ts";
import { duration } from "../base/schema.ts";
import type { Applied } from "./contract.ts";

/** The setting `minInterval` of a kind that reloads. */
export function minInterval(preset: string): ReturnType<typeof duration> {
  return duration(preset).describe(
    "The minimum time between two reloads. Changes within that time are applied together by the next reload; " +
      "a change after it is applied at once.",
  );
}

/** The faults of a proxy that was not reloaded. */
const withoutReload: ReadonlySet<string> = new Set(["PROXY_NOT_RUNNING", "PROXY_RELOAD_WAITS"]);

/** Changes are not debounced. */
const noPause = { quietMs: 0, atMostMs: 0 };

/**
 * Keeps a minimum interval between the reloads of one proxy, and debounces the changes that need one: of changes that follow
 * one another, the first is applied at once, and a reload for the others waits for a pause. Reloads are deferred by the
 * caller, never skipped.
 */
export class ReloadLimiter {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  readonly #quietMs: number;
  readonly #atMostMs: number;
  /** The start of the last reload. */
  #lastMs = Number.NEGATIVE_INFINITY;
  #changedMs = Number.NEGATIVE_INFINITY;
  /** The first of the changes that wait for a pause; undefined if none waits. */
  #waitingSinceMs: number | undefined;

  /**
   * All times are in milliseconds; an interval of 0 sets no limit. `quietMs` is the length of the pause, `atMostMs` the maximum
   * wait for it.
   */
  constructor(intervalMs: number, clock: Clock, { quietMs, atMostMs } = noPause) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
    this.#quietMs = quietMs;
    this.#atMostMs = atMostMs;
  }

  /** A change has arrived, which may need a reload. */
  changed(): void {
    const nowMs = this.#clock.now();
    const isAfterPause = nowMs - this.#changedMs >= this.#quietMs;
    this.#waitingSinceMs = isAfterPause ? undefined : (this.#waitingSinceMs ?? nowMs);
    this.#changedMs = nowMs;
  }

  /** The time until a reload is permitted, in milliseconds; 0 if it is permitted now. */
  get waitMs(): number {
    const nowMs = this.#clock.now();
    return Math.max(0, this.#lastMs + this.#intervalMs - nowMs, this.#settledMs - nowMs);
  }

  get #settledMs(): number {
    if (this.#waitingSinceMs === undefined) return Number.NEGATIVE_INFINITY;
    const pauseMs = this.#changedMs + this.#quietMs;
    return Math.min(pauseMs, this.#waitingSinceMs + this.#atMostMs);
  }

  /** Runs `apply`, which may reload. The interval also starts with a failed reload, which costs the proxy as much. */
  async run(apply: () => Promise<Applied>): Promise<Applied> {
    const startMs = this.#clock.now();
    try {
      const applied = await apply();
      if (isReload(applied)) this.#reloaded(startMs);
      return applied;
    } catch (error) {
      const hasNotReloaded = error instanceof Fault && withoutReload.has(error.code);
      if (!hasNotReloaded) this.#reloaded(startMs);
      throw error;
    }
  }

  #reloaded(startMs: number): void {
    this.#lastMs = startMs;
    this.#waitingSinceMs = undefined;
  }
}

function isReload(applied: Applied): boolean {
  return !applied.startsWith("adjusted");
}
