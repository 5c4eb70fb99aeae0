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

/** Keeps a minimum interval between the reloads of one proxy. Reloads are deferred by the caller, never skipped. */
export class ReloadLimiter {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `intervalMs` is in milliseconds; 0 sets no limit. */
  constructor(intervalMs: number, clock: Clock) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  /** The time until a reload is permitted, in milliseconds; 0 if it is permitted now. */
  get waitMs(): number {
    return Math.max(0, this.#lastMs + this.#intervalMs - this.#clock.now());
  }

  /** Runs `apply`, which may reload. The interval also starts with a failed reload, which costs the proxy as much. */
  async run(apply: () => Promise<Applied>): Promise<Applied> {
    const startMs = this.#clock.now();
    try {
      const applied = await apply();
      if (isReload(applied)) this.#lastMs = startMs;
      return applied;
    } catch (error) {
      const isNotRunning = error instanceof Fault && error.code === "PROXY_NOT_RUNNING";
      if (!isNotRunning) this.#lastMs = startMs;
      throw error;
    }
  }
}

function isReload(applied: Applied): boolean {
  return !applied.startsWith("adjusted");
}
