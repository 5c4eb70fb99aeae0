import { Cell } from "../../../lib/base/cell.ts";
import { Fault } from "../../../lib/base/fault.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { addressesIn } from "../../../lib/view/endpoints.ts";
import type { Texts } from "../ahead.ts";

/** The texts of a generation that stay until the end of the pin. Times are milliseconds of the clock. */
export interface Pin {
  readonly n: number;
  /** The revision of the keyspace that the texts were rendered from. */
  readonly revision: string;
  readonly reason: string;
  readonly texts: Texts;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A pin that is tried out: `result` is the fault for which it is refused, or undefined once it is verified. */
interface Trial {
  readonly pin: Pin;
  readonly result: PromiseWithResolvers<Fault | undefined>;
}

/** What a reconciliation came to, as far as it matters. */
type Ending = Fault | { readonly kind: string };

/** The pin of a group. A new one is tried first, and replaces the one before once it is verified. */
export class GroupPin {
  /** The pin that was verified, and has not ended. */
  readonly kept = new Cell<Pin | undefined>(undefined);
  /** Counts the changes that a reconciliation has to take up. */
  readonly changes = new Cell(0);
  /**
   * The addresses of instances that were drained while texts are pinned, and have not been registered with a weight since: they get no
   * requests either once their entries are gone.
   */
  readonly drained = new Cell<ReadonlySet<string>>(new Set());
  /** How many drained instances are not acknowledged, since the texts may still send them requests. */
  drainsWaiting = 0;
  #active: Pin | undefined;
  #trial: Trial | undefined;

  /** The pin whose texts the latest reconciliation uses; undefined if it renders them. */
  get active(): Pin | undefined {
    return this.#active;
  }

  /** The one that status shows: until a reconciliation has rendered texts again. */
  get shown(): Pin | undefined {
    return this.kept.value ?? (this.#trial ? undefined : this.#active);
  }

  /** The revision of the keyspace that the texts of the latest reconciliation are made from, in this snapshot. */
  revisionIn(current: { readonly revision: string }): string {
    return (this.#active ?? current).revision;
  }

  get isTried(): boolean {
    return this.#trial !== undefined;
  }

  /** Whether the latest change was a new pin, or the end of one. */
  get reason(): "pin" | "unpin" {
    return this.#trial ? "pin" : "unpin";
  }

  /** A reconciliation begins. */
  begin(): void {
    this.#active = this.#trial?.pin ?? this.kept.value;
  }

  /** The services are known that the reconciliation is for. */
  observe(pools: Pools): void {
    const before = this.drained.value;
    if (!this.#active && before.size === 0) return;
    const { idle, served } = addressesIn(pools);
    const drained = this.#active ? idle.union(before.difference(served)) : new Set<string>();
    if (drained.symmetricDifference(before).size > 0) this.drained.set(drained);
  }

  /** Tries a pin. The result is the fault for which it is refused, or undefined once it is verified. */
  try(pin: Pin): { readonly result: Promise<Fault | undefined>; readonly cancel: () => void } {
    const trial: Trial = { pin, result: Promise.withResolvers() };
    this.#trial = trial;
    this.#changed();
    const cancel = () => {
      if (this.#trial !== trial) return;
      this.#trial = undefined;
      this.#changed();
    };
    return { result: trial.result.promise, cancel };
  }

  /** A reconciliation has ended. Whether it has refused a pin that was tried: then the next one restores the state before. */
  settle(ending: Ending): boolean {
    const trial = this.#trial;
    const isFault = ending instanceof Fault;
    if (trial?.pin !== this.#active || !trial || (!isFault && ending.kind === "deferred"))
      return false;
    this.#trial = undefined;
    if (!isFault) this.kept.set(trial.pin);
    trial.result.resolve(isFault ? ending : undefined);
    return isFault;
  }

  /** Restores a pin, or ends it. */
  set(pin: Pin | undefined): void {
    this.kept.set(pin);
    this.#changed();
  }

  #changed(): void {
    this.changes.set(this.changes.value + 1);
  }
}
