import type { Clock } from "../base/clock.ts";
import type { Generation } from "./contract.ts";

/** Whether the files stay as they were, and the reconciliation is tried again. */
export function isLasting({ how }: Pick<Generation, "how">): boolean {
  return how === "deferred" || how === "refused" || how === "failed";
}

/** Whether a reconciliation was refused, failed or was deferred as the one before. */
export function isRepetition(
  last: Pick<Generation, "how" | "files" | "refused">,
  next: Pick<Generation, "how" | "files" | "refused">,
): boolean {
  return isLasting(next) && last.how === next.how && markOf(last) === markOf(next);
}

function markOf({ files, refused }: Pick<Generation, "files" | "refused">): string {
  return JSON.stringify([files.map(({ sha256 }) => sha256), refused?.code, refused?.message]);
}

/** Other texts than those of reloads and refusals are kept once in so many milliseconds. */
const restMs = 60_000;

/** So many texts of reloads and refusals are kept one after the other, and then one in so many milliseconds. */
const [mostAtOnce, notableMs] = [10, 10_000];

/** Decides which generations keep their texts: a change each second must not write a text each second. */
export class KeepRule {
  readonly #clock: Clock;
  /** By group. */
  readonly #groups = new Map<string, { keptMs: number; tokens: number; refilledMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keeps({ group, how }: Pick<Generation, "group" | "how">): boolean {
    const nowMs = this.#clock.now();
    const never = { keptMs: Number.NEGATIVE_INFINITY, tokens: mostAtOnce, refilledMs: nowMs };
    const state = this.#groups.get(group) ?? never;
    this.#groups.set(group, state);
    const refilled = Math.floor((nowMs - state.refilledMs) / notableMs);
    state.tokens = Math.min(mostAtOnce, state.tokens + refilled);
    state.refilledMs += refilled * notableMs;
    const isNotable = how === "reloaded" || how === "refused";
    const isKept = (isNotable && state.tokens > 0) || nowMs - state.keptMs >= restMs;
    if (!isKept) return false;
    if (isNotable && state.tokens > 0) state.tokens -= 1;
    state.keptMs = nowMs;
    return true;
  }
}
