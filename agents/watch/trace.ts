import type { Clock } from "../../lib/base/clock.ts";
import type { QuarantinedKey, Reason, Stages } from "../../lib/journal/contract.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { ApplyTrace, Texts } from "./apply.ts";

/** How a reconciliation began. */
export interface Beginning {
  readonly reasons: readonly Reason[];
  /** When the first change was seen, in milliseconds of the clock. */
  readonly seenMs: number;
  /** The keyspace, with the entries without which the files may be made. */
  readonly current: Snapshot;
}

/** One reconciliation on its way. */
export class Trace implements ApplyTrace {
  readonly beginning: Beginning;
  texts: Texts = new Map();
  /** Undefined until texts were rendered. */
  pools: Pools | undefined;
  readonly #held: readonly QuarantinedKey[];
  readonly #describe: (pools: Pools) => string;
  readonly #clock: Clock;
  readonly #beganMs: number;
  #reachedMs: { readonly [stage in keyof Stages]?: number } = {};

  constructor(
    beginning: Beginning,
    held: readonly QuarantinedKey[],
    describe: (pools: Pools) => string,
    clock: Clock,
  ) {
    this.beginning = beginning;
    this.#held = held;
    this.#describe = describe;
    this.#clock = clock;
    this.#beganMs = clock.now();
  }

  rendered(texts: Texts, pools: Pools): void {
    this.texts = texts;
    this.pools = pools;
    this.#reachedMs = { rendered: this.#clock.now() };
  }

  reached(stage: "checked" | "installed" | "verified"): void {
    this.#reachedMs = { ...this.#reachedMs, [stage]: this.#clock.now() };
  }

  get cause(): string | undefined {
    return this.pools && (this.#describe(this.pools) || undefined);
  }

  /** Milliseconds since the change was seen, to a tenth. */
  stages(): Stages {
    const { seenMs } = this.beginning;
    const all = { began: this.#beganMs, ...this.#reachedMs, ended: this.#clock.now() };
    const since = Object.entries(all).map(([stage, ms]) => [stage, tenths(ms - seenMs)]);
    return Object.fromEntries(since) as Stages;
  }

  newlyQuarantined(now: readonly QuarantinedKey[]): readonly QuarantinedKey[] {
    const known = new Set(this.#held.map(({ key, revision }) => `${revision} ${key}`));
    return now
      .filter(({ key, revision }) => !known.has(`${revision} ${key}`))
      .map(({ key, revision, why }) => ({ key, revision, why }));
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
