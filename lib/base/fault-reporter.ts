import type { Clock } from "./clock.ts";
import { formatDuration } from "./duration.ts";
import { type Fault, sentence } from "./fault.ts";
import type { Log } from "./log.ts";

/** How often an unchanged fault is logged again while it lasts, in milliseconds. */
const repeatAfterMs = 60_000;

/** Receives the faults of one loop. */
export interface FaultReporter {
  /** `consequence` is the state until the fault is resolved, for people; empty or left out where there is none to add. */
  report(fault: Fault, retryInMs: number, consequence?: string): void;
  /** The loop works again. Does nothing where no fault was reported. */
  resolved(): void;
}

interface Standing {
  readonly message: string;
  readonly loggedMs: number;
}

/**
 * Logs the faults of one subject without a line for each attempt: a fault is logged when it is new, when its sentence
 * changes, and once a minute while it lasts; then its recovery. Several loops may report the same fault, such as a
 * store that they share: it is logged once, and the recovery once it is resolved for all of them.
 */
export class FaultReports {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #subject: string;
  readonly #standing = new Map<FaultReporter, Standing>();
  #sinceMs = 0;

  /** `subject` names the subject of the faults for people: `etcd://127.0.0.1:2379`. */
  constructor(subject: string, log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#subject = subject;
  }

  /** A reporter for one more loop. */
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
    if (this.#standing.size === 0) this.#sinceMs = nowMs;
    const same = [...this.#standing.values()].filter((standing) => standing.message === message);
    const loggedMs = Math.max(...same.map((standing) => standing.loggedMs));
    const isDue = nowMs - loggedMs >= repeatAfterMs;
    this.#standing.set(reporter, { message, loggedMs: isDue ? nowMs : loggedMs });
    if (!isDue) return;
    const retry = `trying again in ${formatDuration(retryInMs)}`;
    this.#log.warn("fault", [message, consequence, retry].filter(Boolean).join("; "), {
      code: fault.code,
      subject: this.#subject,
      retryInMs: Math.round(retryInMs),
    });
  }

  #resolved(reporter: FaultReporter): void {
    if (!this.#standing.delete(reporter) || this.#standing.size > 0) return;
    const lastedMs = this.#clock.now() - this.#sinceMs;
    this.#log.info("recovered", `${this.#subject}: recovered after ${formatDuration(lastedMs)}`, {
      subject: this.#subject,
      lastedMs: Math.round(lastedMs),
    });
  }
}
