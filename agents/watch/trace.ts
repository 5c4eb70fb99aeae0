import type { Clock } from "../../lib/base/clock.ts";
import type { QuarantinedKey, Reason, Stages } from "../../lib/journal/contract.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Applied } from "../../lib/proxy/contract.ts";
import type { ReadState } from "../../lib/render/reads.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { Texts } from "./ahead.ts";
import type { ApplyTrace } from "./apply-trace.ts";
import type { TemplateGroup } from "./groups.ts";

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
  /** What the rendering of these texts has read. */
  reads: readonly ReadState[] = [];
  /** How the proxy went back to what its files have; undefined if it did not. */
  back: { readonly applied: Applied | undefined } | undefined;
  readonly #files: TemplateGroup["files"];
  readonly #held: readonly QuarantinedKey[];
  readonly #describe: (pools: Pools, reads: readonly ReadState[]) => string;
  readonly #clock: Clock;
  readonly #beganMs: number;
  #reachedMs: { readonly [stage in keyof Stages]?: number } = {};

  constructor(
    beginning: Beginning,
    { files, quarantine }: Pick<TemplateGroup, "files" | "quarantine">,
    describe: (pools: Pools, reads: readonly ReadState[]) => string,
    clock: Clock,
  ) {
    this.#files = files;
    this.beginning = beginning;
    this.#held = quarantine.quarantined;
    this.#describe = describe;
    this.#clock = clock;
    this.#beganMs = clock.now();
  }

  rendered(texts: Texts, pools: Pools): void {
    this.texts = texts;
    this.pools = pools;
    this.reads = this.#files.map(({ source }) => source.reads);
    this.#reachedMs = { rendered: this.#clock.now() };
  }

  reached(stage: "checked" | "installed" | "verified"): void {
    this.#reachedMs = { ...this.#reachedMs, [stage]: this.#clock.now() };
  }

  wentBack(applied: Applied | undefined): void {
    this.back = { applied };
  }

  get cause(): string | undefined {
    return this.pools && (this.#describe(this.pools, this.reads) || undefined);
  }

  /** Milliseconds since the change was seen, to a tenth. */
  stages(): Stages {
    const { seenMs } = this.beginning;
    const all = { began: this.#beganMs, ...this.#reachedMs, ended: this.#clock.now() };
    const since = Object.entries(all).map(([stage, ms]) => [stage, tenths(ms - seenMs)]);
    return Object.fromEntries(since) as Stages;
  }

  /** Whether an entry was quarantined when the reconciliation began. */
  wasQuarantined({ key, revision }: Pick<QuarantinedKey, "key" | "revision">): boolean {
    return this.#held.some((one) => one.key === key && one.revision === revision);
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
