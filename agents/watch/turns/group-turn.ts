import { Cell } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import type { Turn } from "../../../lib/keyspace/turns/held-turn.ts";
import type { Place } from "../../../lib/keyspace/turns/queue.ts";
import type { Applied } from "../../../lib/proxy/contract.ts";
import type { Texts } from "../ahead.ts";

/** A turn that was had, or that an unreachable keyspace does not give. */
export type Permission = Turn | "alone";

/** What a turn was used for: the proxy was reloaded, the files or the proxy have failed, or nothing needed it. */
export type TurnResult = "reloaded" | "failed" | "unused";

/**
 * `idle`: no reload waits; `waiting`: one does; `held`: it may be done; `settling`: it was done, and the turn is not given back yet.
 */
type State =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting"; readonly sinceMs: number }
  | { readonly kind: "held"; readonly sinceMs: number; readonly permission: Permission }
  | { readonly kind: "settling"; readonly result: TurnResult; readonly isAgain: boolean };

/** How a reconciliation has ended: it waits for its turn, goes on with the one that it has, or needs none any longer. */
export type TurnEnd = "failed" | "waits" | "goes on" | "done";

/** A turn that is waited for or used, for the status. */
export interface TurnView {
  /** The watchers that take turns, by their name. */
  readonly group: string;
  readonly state: "waiting" | "held";
  readonly sinceMs: number;
  /** The place in the queue, 1 for the first; undefined until it is known. */
  readonly place: number | undefined;
}

/** The texts that wait for their reload. */
export interface WaitingTexts {
  readonly texts: Texts;
  /** The keyspace has had their last change since this revision; undefined if that is not known. */
  readonly revision: bigint | undefined;
}

/** The turn of one group of files: what a reconciliation may do, and what the loop that queues has to do. */
export class GroupTurn {
  readonly state = new Cell<State>({ kind: "idle" });
  /** Counts the events after which the group is reconciled: its turn has come. */
  readonly changes = new Cell(0);
  /** The last texts that were accepted by the check commands, and wait. */
  waiting: WaitingTexts | undefined;
  /** The texts that could not be served meanwhile. */
  notServed: Texts | undefined;
  place: Place | undefined;
  /** Whether the reconciliation that runs may reload although it has no turn. */
  isExempt = false;
  readonly #group: string;
  readonly #clock: Clock;
  #hasReloaded = false;

  /** `group` is the name that the watchers have in common which take turns. */
  constructor(group: string, clock: Clock) {
    this.#group = group;
    this.#clock = clock;
  }

  get isHeld(): boolean {
    return this.state.value.kind === "held";
  }

  /** A reload waits, also behind one that has just been done. */
  get isWaiting(): boolean {
    const { value } = this.state;
    return value.kind === "waiting" || (value.kind === "settling" && value.isAgain);
  }

  /** What it was used for; undefined unless that has ended, and it is not given back yet. */
  get result(): TurnResult | undefined {
    const { value } = this.state;
    return value.kind === "settling" ? value.result : undefined;
  }

  get mayReload(): boolean {
    return this.isHeld || this.isExempt;
  }

  get view(): TurnView | undefined {
    const { value } = this.state;
    if (value.kind !== "waiting" && value.kind !== "held") return undefined;
    const place = this.place && this.place.before + 1;
    return { group: this.#group, state: value.kind, sinceMs: value.sinceMs, place };
  }

  /** A reload has to wait. */
  want(): void {
    const { value } = this.state;
    if (value.kind === "idle") this.#wait();
    if (value.kind === "settling" && !value.isAgain) this.state.set({ ...value, isAgain: true });
  }

  /** The turn has come: the group is reconciled. */
  begin(permission: Permission): void {
    this.#hasReloaded = false;
    this.state.set({ kind: "held", sinceMs: this.#clock.now(), permission });
    this.changes.set(this.changes.value + 1);
  }

  /** Proves that a turn lasts, before the proxy is reloaded. Throws KEYSPACE_TURN_LOST. */
  async confirm(signal: AbortSignal): Promise<void> {
    const { value } = this.state;
    if (value.kind === "held" && value.permission !== "alone") {
      await value.permission.confirm(signal);
    }
  }

  /** The proxy was made to use the files. */
  applied(how: Applied): void {
    if (!how.startsWith("adjusted")) this.#hasReloaded = true;
  }

  /** The turn was lost before it was used, and has to be waited for again. */
  lose(): void {
    if (this.isHeld) this.#wait();
  }

  /** The turn is taken away, whatever is done with it: it has lasted too long. */
  expire(): void {
    if (this.isHeld) this.state.set({ kind: "idle" });
  }

  /** A reconciliation has ended. */
  end(outcome: TurnEnd): void {
    this.isExempt = false;
    const { value } = this.state;
    if (outcome === "waits" || outcome === "goes on") return;
    this.waiting = undefined;
    this.notServed = undefined;
    if (value.kind === "waiting") this.state.set({ kind: "idle" });
    if (value.kind === "settling") this.state.set({ ...value, isAgain: false });
    if (value.kind !== "held") return;
    const unused = this.#hasReloaded ? "reloaded" : "unused";
    const result = outcome === "failed" ? outcome : unused;
    this.state.set({ kind: "settling", result, isAgain: false });
  }

  /** The turn is given back. */
  release(): void {
    this.place = undefined;
    const { value } = this.state;
    if (value.kind !== "settling") return;
    if (value.isAgain) this.#wait();
    else this.state.set({ kind: "idle" });
  }

  #wait(): void {
    this.state.set({ kind: "waiting", sinceMs: this.#clock.now() });
  }
}
