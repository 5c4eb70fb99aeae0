import type { Clock } from "../base/clock.ts";
import { type Fault, sentence } from "../base/fault.ts";
import type { FaultStatus, LoopFacts, LoopState } from "./contract.ts";

/** How long one attempt may take at the most before it is taken to hang, in milliseconds. */
const attemptMs = 60_000;

/**
 * Keeps what a loop of an agent does: when it last came round, and by when it has to do so again. A loop that hangs
 * is found out by what it did not do in time, so nothing but its own work may call these.
 */
export class Liveness {
  readonly name: string;
  readonly #clock: Clock;
  #state: LoopState = "unknown";
  #sinceMs: number;
  #lastMs: number;
  #dueMs: number | undefined;
  #fault: FaultStatus | undefined;
  /** By when each piece of work that is under way has to be done. */
  readonly #underWay = new Set<{ readonly dueMs: number }>();

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
    this.#sinceMs = clock.now();
    this.#lastMs = this.#sinceMs;
  }

  /** There is something to do: the loop has to come round within so many milliseconds from now. */
  deadline(withinMs = attemptMs): void {
    this.#dueMs = this.#clock.now() + withinMs;
  }

  /** It has got through what there was to do, and waits for news. */
  succeed(): void {
    this.#cameRound("works", undefined);
    this.#dueMs = undefined;
  }

  /** It has found out why it cannot, and tries again in `retryInMs`. */
  fail(fault: Fault, retryInMs: number): void {
    this.#cameRound("fails", { code: fault.code, message: sentence(fault) });
    this.deadline(retryInMs + attemptMs);
  }

  /** Awaits one of several pieces of work that go on side by side, which may take so long. */
  async track<T>(limitMs: number, work: Promise<T>): Promise<T> {
    const piece = { dueMs: this.#clock.now() + limitMs };
    this.#underWay.add(piece);
    try {
      const done = await work;
      this.#cameRound("works", undefined);
      return done;
    } finally {
      this.#underWay.delete(piece);
    }
  }

  facts(): LoopFacts {
    let dueMs = this.#dueMs;
    for (const piece of this.#underWay) dueMs = Math.min(dueMs ?? piece.dueMs, piece.dueMs);
    return {
      name: this.name,
      state: this.#state,
      sinceMs: this.#sinceMs,
      lastMs: this.#lastMs,
      dueMs,
      fault: this.#fault,
    };
  }

  #cameRound(state: LoopState, fault: FaultStatus | undefined): void {
    this.#lastMs = this.#clock.now();
    if (state !== this.#state) this.#sinceMs = this.#lastMs;
    this.#state = state;
    this.#fault = fault;
  }
}
