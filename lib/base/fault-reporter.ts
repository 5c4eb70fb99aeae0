import type { Clock } from "./clock.ts";
import { formatDuration } from "./duration.ts";
import { type Fault, sentence } from "./fault.ts";
import type { Log } from "./log.ts";

/** Minutes after the first log line of a lasting fault until it is logged again; from then on the last one is the interval. */
const repeatAfterMinutes = [1, 10, 60];

/** Messages of one failure that are known: one that alternates with others is not a new one each time. */
const mostMessages = 16;

/** Receives the faults of one loop. */
export interface FaultReporter {
  /**
   * `consequence` describes the state until the fault is resolved; empty or omitted if there is nothing to add. `cause` is the
   * change since which it occurs, if it is known.
   */
  report(fault: Fault, retryInMs: number, consequence?: string, cause?: string): void;
  /** Reports success. Does nothing if no fault is active. */
  resolved(): void;
}

/** A message that was logged since the subject began to fail. */
interface Repeated {
  readonly firstMs: number;
  /** How often it was reported. */
  count: number;
  /** How often it was logged. */
  logged: number;
  nextMs: number;
}

/**
 * Logs the faults of one subject without a line for each attempt: a fault is logged when it is new, when its message
 * changes, after 1, 10 and 60 minutes and then every 60 minutes while it lasts, and then its recovery. Several loops may
 * report the same fault, for instance of a store that they share: it is logged once, and the recovery once it is resolved
 * for all of them.
 */
export class FaultReports {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #subject: () => string;
  readonly #active = new Set<FaultReporter>();
  readonly #messages = new Map<string, Repeated>();
  #sinceMs = 0;

  /** `subject` names the failing thing in log lines: `etcd://127.0.0.1:2379`. A function is called for each line. */
  constructor(subject: string | (() => string), log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#subject = typeof subject === "string" ? () => subject : subject;
  }

  /** Creates a reporter for one loop. */
  reporter(): FaultReporter {
    const reporter: FaultReporter = {
      report: (fault, retryInMs, consequence = "", cause) =>
        this.#report(reporter, fault, retryInMs, consequence, cause),
      resolved: () => this.#resolved(reporter),
    };
    return reporter;
  }

  #report(
    reporter: FaultReporter,
    fault: Fault,
    retryInMs: number,
    consequence: string,
    cause: string | undefined,
  ): void {
    const nowMs = this.#clock.now();
    if (this.#active.size === 0) this.#sinceMs = nowMs;
    this.#active.add(reporter);
    const message = sentence(fault);
    const repeated = this.#repeated(message, nowMs);
    repeated.count += 1;
    if (nowMs < repeated.nextMs) return;
    schedule(repeated, nowMs);
    const { count, firstMs } = repeated;
    const forMs = Math.round(nowMs - firstMs);
    const lasting = count > 1 && `${count} times in ${formatDuration(forMs)}`;
    const retry = `retrying in ${formatDuration(retryInMs)}`;
    this.#log.warn("fault", [message, consequence, lasting, retry].filter(Boolean).join("; "), {
      code: fault.code,
      subject: this.#subject(),
      retryInMs: Math.round(retryInMs),
      count,
      forMs,
      cause,
    });
  }

  /** The record of a message. The one that was reported least recently is forgotten if there are too many. */
  #repeated(message: string, nowMs: number): Repeated {
    const known = this.#messages.get(message);
    const repeated = known ?? { firstMs: nowMs, count: 0, logged: 0, nextMs: nowMs };
    this.#messages.delete(message);
    this.#messages.set(message, repeated);
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > mostMessages && oldest !== undefined) this.#messages.delete(oldest);
    return repeated;
  }

  #resolved(reporter: FaultReporter): void {
    if (!this.#active.delete(reporter) || this.#active.size > 0) return;
    this.#messages.clear();
    const lastedMs = this.#clock.now() - this.#sinceMs;
    this.#log.info("recovered", `${this.#subject()}: recovered after ${formatDuration(lastedMs)}`, {
      subject: this.#subject(),
      lastedMs: Math.round(lastedMs),
    });
  }
}

/** Sets when a message that is logged now is logged again. */
function schedule(repeated: Repeated, nowMs: number): void {
  const minutes = repeatAfterMinutes[repeated.logged];
  const lastMs = (repeatAfterMinutes.at(-1) ?? 0) * 60_000;
  repeated.logged += 1;
  repeated.nextMs = minutes === undefined ? nowMs + lastMs : repeated.firstMs + minutes * 60_000;
}
