import { Bisection, type Culprit } from "../../lib/view/bisect.ts";
import type { Pools } from "../../lib/view/contract.ts";
import { instead } from "../../lib/view/instead.ts";
import { emptyPools } from "../../lib/view/pools.ts";
import { without } from "../../lib/view/without.ts";
import { changedInstances, changesSince, differInSettings, instancesIn } from "./candidates.ts";
import { type Judgement, namedInstances, naming } from "./judgement.ts";

/** Whether these services are accepted; undefined if they are. */
export type Judge = (pools: Pools) => Promise<Judgement | undefined>;

/** How many single instances are tried, before a template that accepts none of them is held to be at fault. */
const mostPilots = 32;

/** The start of a search. */
export interface Rejected {
  /** All that should be served. */
  readonly wanted: Pools;
  /** The services that were accepted last; undefined if they are unknown. */
  readonly accepted: Pools | undefined;
  /** The folders that the files depend on. */
  readonly prefixes: readonly string[];
  readonly judgement: Judgement;
  /** Whether judging takes no reload, so that even a file without any instances may be tried. */
  readonly isHarmless: boolean;
}

/**
 * The search for the instances because of which `wanted` is rejected: first among those that have changed since the last
 * accepted set, then among all. It can be interrupted after each step, and goes on with changed services.
 */
export class Search {
  #wanted: Pools;
  #isNew: (key: string) => boolean;
  /** Undecided candidates are replaced by their state in these services, which were accepted last; or these are empty. */
  #fallback: Pools;
  readonly #rejected: Rejected;
  #bisection: Bisection<string>;
  readonly #judgement: Judgement;
  /** Whether all instances are candidates. */
  #isFull: boolean;
  /** Whether the services without any candidate were accepted. */
  #hasFloor = false;
  /** How many instances there were before, in whatever state. */
  readonly #known: number;

  constructor(rejected: Rejected) {
    const { wanted, accepted, judgement, prefixes } = rejected;
    this.#rejected = rejected;
    this.#wanted = wanted;
    this.#judgement = judgement;
    const named = namedInstances(judgement, wanted);
    const changed = accepted ? changedInstances(accepted, wanted, prefixes) : [];
    this.#isNew = accepted ? changesSince(accepted, wanted) : () => true;
    this.#isFull = !accepted || named.some(({ item }) => !this.#isNew(item));
    this.#fallback = accepted && !this.#isFull ? accepted : emptyPools(wanted.sources);
    const all = instancesIn(wanted, prefixes);
    const candidates = this.#isFull ? all : changed;
    this.#known = accepted ? all.filter((key) => accepted.snapshot.get(key)).length : all.length;
    const changedOnly = changed.filter((key) => this.#fallback.snapshot.get(key));
    const why = judgement.fault.message;
    this.#bisection = new Bisection(candidates, { named, why }, changedOnly);
  }

  /** The instances that are found to be the cause. */
  get culprits(): readonly Culprit<string>[] {
    return this.#bisection.culprits;
  }

  /** All that should be served. */
  get wanted(): Pools {
    return this.#wanted;
  }

  /** All that is known to be accepted, with undecided instances as they were accepted last, and without culprits. */
  get best(): Pools {
    return this.#with(new Set());
  }

  /** `pools` with the undecided instances as they were accepted last. */
  withoutUndecided(pools: Pools): Pools {
    return instead(pools, this.#fallback, new Set(this.#bisection.undecided));
  }

  /** Whether `best` has all that was accepted last, but for culprits. */
  get isUseful(): boolean {
    return !this.#isFull;
  }

  get isDone(): boolean {
    return this.#bisection.probe === undefined;
  }

  /** Why `wanted` is rejected, as far as it is known. */
  get judgement(): Judgement {
    return this.#judgement;
  }

  /** Whether it is judged by check commands alone. */
  get isHarmless(): boolean {
    return this.#rejected.isHarmless;
  }

  /** Whether an instance is another one than was accepted, so that leaving it out loses nothing. */
  isNew(key: string): boolean {
    return this.#isNew(key);
  }

  /** Goes on with other services; false if they differ in more than instances, so that another search is needed. */
  change(wanted: Pools): boolean {
    const { accepted, prefixes } = this.#rejected;
    const before = this.#wanted;
    if (differInSettings(before, wanted, prefixes)) return false;
    this.#wanted = wanted;
    if (accepted) this.#isNew = changesSince(accepted, wanted);
    const changed = changedInstances(before, wanted, prefixes);
    const hasChanged = changesSince(before, wanted);
    this.#bisection.change((key) => !hasChanged(key), changed);
    return true;
  }

  /**
   * Asks the judge until all candidates are decided, or `isOver` is true after a step. Throws the fault if no instance is
   * the cause: the template or a setting is.
   */
  async run(judge: Judge, isOver: () => boolean): Promise<void> {
    for (;;) {
      const bisection = this.#bisection;
      const { probe, isGuided } = bisection;
      if (!isGuided && !this.#hasFloor) {
        await this.#findFloor(judge);
        continue;
      }
      if (!probe) break;
      const judgement = await judge(this.#with(new Set(probe)));
      if (judgement) this.#reject(judgement);
      else this.#accept();
      if (this.#isImplausible()) throw naming(this.#judgement);
      if (isOver() && !bisection.isAskingFirst) break;
    }
    this.#bisection.settle();
    if (this.#isImplausible()) throw naming(this.#judgement);
  }

  #accept(): void {
    this.#bisection.accept();
    this.#hasFloor = true;
  }

  #reject(judgement: Judgement): void {
    const named = namedInstances(judgement, this.#wanted);
    this.#bisection.reject({ named, why: judgement.fault.message });
  }

  /**
   * Makes sure that the services without any candidate are accepted. If they are not, all instances are candidates from
   * then on. Throws if the template is at fault.
   */
  async #findFloor(judge: Judge): Promise<void> {
    const { isHarmless, prefixes } = this.#rejected;
    if (this.#isFull && !isHarmless) throw naming(this.#judgement);
    const judgement = await judge(this.best);
    if (judgement && this.#isFull) throw naming(this.#judgement);
    if (judgement) {
      this.#isFull = true;
      this.#fallback = emptyPools(this.#wanted.sources);
      const named = namedInstances(judgement, this.#wanted);
      const all = instancesIn(this.#wanted, prefixes);
      this.#bisection = new Bisection(all, { named, why: judgement.fault.message });
      return;
    }
    if (this.#isFull && !(await this.#isAnyAccepted(judge))) throw naming(this.#judgement);
    this.#hasFloor = true;
  }

  /** Whether any single instance of a sample is accepted. */
  async #isAnyAccepted(judge: Judge): Promise<boolean> {
    const keys = this.#bisection.undecided;
    const step = Math.max(1, Math.floor(keys.length / mostPilots));
    for (let i = 0; i < keys.length; i += step) {
      const pilot = keys[i] as string;
      if (!(await judge(this.#with(new Set([pilot]))))) return true;
    }
    return keys.length === 0;
  }

  /**
   * Whether so many instances are culprits that something else must be at fault: more than half of those that were
   * accepted before, or all.
   */
  #isImplausible(): boolean {
    const { accepted, isHarmless } = this.#rejected;
    const { culprits } = this.#bisection;
    const lost = accepted ? culprits.filter(({ item }) => !this.isNew(item)) : culprits;
    if ((accepted || !isHarmless) && lost.length * 2 > this.#known) return true;
    return this.#isFull && this.isDone && this.#bisection.accepted.size === 0;
  }

  /** The services if the accepted candidates and these have their new state. */
  #with(group: ReadonlySet<string>): Pools {
    const undecided = this.#bisection.undecided.filter((key) => !group.has(key));
    const culprits = new Set(this.culprits.map(({ item }) => item));
    return instead(without(this.#wanted, culprits), this.#fallback, new Set(undecided));
  }
}
