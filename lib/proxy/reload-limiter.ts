import type { Clock } from "../base/clock.ts";
import { Fault } from "../base/fault.ts";
import { duration } from "../base/schema.ts";
import type { Applied } from "./contract.ts";

/** The setting of a kind that reloads. */
export function minInterval(preset: string): ReturnType<typeof duration> {
  return duration(preset).describe(
    "The least time from one reload to the next. What changes meanwhile waits and is part of the next one; " +
      "a change after a longer rest does not wait.",
  );
}

/** Keeps the reloads of one proxy apart. What comes too soon is put off, and never left out. */
export class ReloadLimiter {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Zero keeps nothing apart. */
  constructor(intervalMs: number, clock: Clock) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  /** How long the next reload has to wait from now on, in milliseconds; 0 where it may begin. */
  get waitMs(): number {
    return Math.max(0, this.#lastMs + this.#intervalMs - this.#clock.now());
  }

  /** Does something that may be a reload. One that failed counts: it has cost the proxy as much. */
  async keep(apply: () => Promise<Applied>): Promise<Applied> {
    const startMs = this.#clock.now();
    try {
      const applied = await apply();
      if (isReload(applied)) this.#lastMs = startMs;
      return applied;
    } catch (error) {
      const isNobody = error instanceof Fault && error.code === "PROXY_NOT_RUNNING";
      if (!isNobody) this.#lastMs = startMs;
      throw error;
    }
  }
}

/** What was done without a reload, or to nobody, keeps nothing waiting. */
function isReload(applied: Applied): boolean {
  return !applied.startsWith("adjusted");
}
