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

/** The texts of so many generations are kept one after the other, and then one in so many milliseconds. */
interface Allowance {
  readonly most: number;
  readonly everyMs: number;
}

/** The texts of reloads and refusals are the ones that are looked for. */
const notable: Allowance = { most: 10, everyMs: 10_000 };

const ordinary: Allowance = { most: 5, everyMs: 60_000 };

/** Decides which generations keep their texts: a change each second must not write a text each second. */
export class KeepRule {
  readonly #clock: Clock;
  /** By group. */
  readonly #groups = new Map<string, { readonly notable: Bucket; readonly ordinary: Bucket }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keeps({ group, how }: Pick<Generation, "group" | "how">): boolean {
    const nowMs = this.#clock.now();
    const first = { notable: new Bucket(notable, nowMs), ordinary: new Bucket(ordinary, nowMs) };
    const state = this.#groups.get(group) ?? first;
    this.#groups.set(group, state);
    const isNotable = how === "reloaded" || how === "refused";
    return (isNotable && state.notable.take(nowMs)) || state.ordinary.take(nowMs);
  }
}

/** Tokens that are taken, and come back one after the other. */
class Bucket {
  readonly #allowance: Allowance;
  #tokens: number;
  #refilledMs: number;

  constructor(allowance: Allowance, nowMs: number) {
    this.#allowance = allowance;
    this.#tokens = allowance.most;
    this.#refilledMs = nowMs;
  }

  /** Whether there was one. */
  take(nowMs: number): boolean {
    const { most, everyMs } = this.#allowance;
    const refilled = Math.floor((nowMs - this.#refilledMs) / everyMs);
    this.#tokens = Math.min(most, this.#tokens + refilled);
    this.#refilledMs += refilled * everyMs;
    if (this.#tokens === 0) return false;
    this.#tokens -= 1;
    return true;
  }
}
