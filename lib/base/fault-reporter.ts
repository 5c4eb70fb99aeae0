import type { Clock } from "./clock.ts";
import { formatDuration } from "./duration.ts";
import { type Fault, sentence } from "./fault.ts";
import type { Log } from "./log.ts";

/** Milliseconds between two log lines of the same lasting fault. */
const repeatAfterMs = 60_000;

/** Receives the faults of one loop. */
export interface FaultReporter {
  /** `consequence` describes the state until the fault is resolved; empty or omitted if there is nothing to add. */
  report(fault: Fault, retryInMs: number, consequence?: string): void;
  /** Reports success. Does nothing if no fault is active. */
  resolved(): void;
}

interface ActiveFault {
  readonly message: string;
  readonly loggedMs: number;
}

/**
 * Logs the faults of one subject without a line for each attempt: a fault is logged when it is new, when its message
 * changes and once a minute while it lasts, and then its recovery. Several loops may report the same fault, for instance
 * of a store that they share: it is logged once, and the recovery once it is resolved for all of them.
 */
export class FaultReports {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #subject: string;
  readonly #active = new Map<FaultReporter, ActiveFault>();
  #sinceMs = 0;

  /** `subject` names the failing thing in log lines: `etcd://127.0.0.1:2379`. */
  constructor(subject: string, log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#subject = subject;
  }

  /** Creates a reporter for one loop. */
  reporter(): FaultReporter {
    const reporter: FaultReporter = {
      report: (fault, retryInMs, consequence = "") =>
        this.#report(reporter, fault, retryInMs, consequence),
      resolved: () => this.#resolved(reporter),
    };
    return reporter;
  }

  #report(reporter: FaultReporter, fault: Fault, retryInMs: number, consequence: string): void {
    const nowMs = this.#clock.now();
    const message = sentence(fault);
    if (this.#active.size === 0) this.#sinceMs = nowMs;
    const same = [...this.#active.values()].filter((fault) => fault.message === message);
    const loggedMs = Math.max(...same.map((fault) => fault.loggedMs));
    const isDue = nowMs - loggedMs >= repeatAfterMs;
    this.#active.set(reporter, { message, loggedMs: isDue ? nowMs : loggedMs });
    if (!isDue) return;
    const retry = `retrying in ${formatDuration(retryInMs)}`;
    this.#log.warn("fault", [message, consequence, retry].filter(Boolean).join("; "), {
      code: fault.code,
      subject: this.#subject,
      retryInMs: Math.round(retryInMs),
    });
  }

  #resolved(reporter: FaultReporter): void {
    if (!this.#active.delete(reporter) || this.#active.size > 0) return;
    const lastedMs = this.#clock.now() - this.#sinceMs;
    this.#log.info("recovered", `${this.#subject}: recovered after ${formatDuration(lastedMs)}`, {
      subject: this.#subject,
      lastedMs: Math.round(lastedMs),
    });
  }
}
