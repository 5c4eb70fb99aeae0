import type { Clock } from "../base/clock.ts";
import { type Fault, sentence } from "../base/fault.ts";
import type { FaultReporter } from "../base/fault-reporter.ts";
import type { LoopFacts } from "./facts.ts";
import type { FaultStatus, LoopState } from "./loop-status.ts";

/** How long one attempt may take before the loop counts as stalled, in milliseconds. */
const attemptMs = 60_000;

/**
 * The liveness of one loop of an agent: its state, and by when it has to report again. A stalled loop is found by its
 * missed deadline, so nothing but its own work may call these methods.
 */
export class Liveness {
  readonly name: string;
  readonly #clock: Clock;
  #state: LoopState = "unknown";
  #sinceMs: number;
  #lastMs: number;
  #dueMs: number | undefined;
  #fault: FaultStatus | undefined;
  /** The deadlines of the work that is under way. */
  readonly #underWay = new Set<{ readonly dueMs: number }>();

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
    this.#sinceMs = clock.now();
    this.#lastMs = this.#sinceMs;
  }

  /** Work begins: the loop has to report within so many milliseconds from now. */
  deadline(withinMs = attemptMs): void {
    this.#dueMs = this.#clock.now() + withinMs;
  }

  /** The work is done, and the loop waits for the next change. */
  succeed(): void {
    this.#report("ok", undefined);
    this.#dueMs = undefined;
  }

  /**
   * The work has failed, and is tried again in `retryInMs` milliseconds. `consequence` describes the state until then; it may
   * be empty.
   */
  fail(fault: Fault, retryInMs: number, consequence = ""): void {
    const { code } = fault;
    this.#report("failing", {
      ...{ code, message: sentence(fault) },
      ...(consequence && { consequence }),
    });
    this.deadline(retryInMs + attemptMs);
  }

  /**
   * Awaits one of several pieces of work that run side by side, each of which may take `limitMs` milliseconds. Its end does not
   * resolve a fault of the others.
   */
  async track<T>(limitMs: number, work: Promise<T>): Promise<T> {
    const tracked = { dueMs: this.#clock.now() + limitMs };
    this.#underWay.add(tracked);
    try {
      const done = await work;
      this.#report(this.#fault ? this.#state : "ok", this.#fault);
      return done;
    } finally {
      this.#underWay.delete(tracked);
    }
  }

  facts(): LoopFacts {
    let dueMs = this.#dueMs;
    for (const tracked of this.#underWay) {
      dueMs = Math.min(dueMs ?? tracked.dueMs, tracked.dueMs);
    }
    return {
      name: this.name,
      state: this.#state,
      sinceMs: this.#sinceMs,
      lastMs: this.#lastMs,
      dueMs,
      fault: this.#fault,
    };
  }

  #report(state: LoopState, fault: FaultStatus | undefined): void {
    this.#lastMs = this.#clock.now();
    if (state !== this.#state) this.#sinceMs = this.#lastMs;
    this.#state = state;
    this.#fault = fault;
  }
}

/** A reporter that records the faults of a loop in its liveness, too. */
export function withLiveness(reporter: FaultReporter, loop: Liveness): FaultReporter {
  return {
    report(fault, retryInMs, consequence, cause) {
      loop.fail(fault, retryInMs, consequence);
      reporter.report(fault, retryInMs, consequence, cause);
    },
    resolved() {
      loop.succeed();
      reporter.resolved();
    },
  };
}
