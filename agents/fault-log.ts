import type { Clock } from "../lib/base/clock.ts";
import { formatDuration } from "../lib/base/duration.ts";
import { type Fault, sentence } from "../lib/base/fault.ts";
import type { Log } from "../lib/base/log.ts";

/** How long a fault that goes on unchanged is not mentioned again, in milliseconds. */
const repeatAfterMs = 60_000;

/**
 * Says what is wrong without saying it at every attempt: a fault is logged when it is new, when its
 * sentence changes, and once a minute while it lasts; and once more when it is over.
 */
export class FaultLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #subject: string;
  #standing: { readonly words: string; readonly sinceMs: number; saidMs: number } | undefined;

  /** `subject` is what the faults are about, for people: `etcd://127.0.0.1:2379`. */
  constructor(subject: string, log: Log, clock: Clock) {
    this.#subject = subject;
    this.#log = log;
    this.#clock = clock;
  }

  /** `meanwhile` says what is so until it is mended; empty when there is nothing to say. */
  fault(fault: Fault, retryInMs: number, meanwhile = ""): void {
    const nowMs = this.#clock.now();
    const words = sentence(fault);
    const before = this.#standing;
    if (before?.words === words && nowMs - before.saidMs < repeatAfterMs) return;
    this.#standing = { words, sinceMs: before?.sinceMs ?? nowMs, saidMs: nowMs };
    const again = `trying again in ${formatDuration(retryInMs)}`;
    this.#log.warn("fault", [words, meanwhile, again].filter(Boolean).join("; "), {
      code: fault.code,
      subject: this.#subject,
      retryInMs: Math.round(retryInMs),
    });
  }

  /** Says that what was wrong is over, if anything was. */
  over(): void {
    if (!this.#standing) return;
    const lastedMs = this.#clock.now() - this.#standing.sinceMs;
    this.#standing = undefined;
    this.#log.info("recovered", `${this.#subject}: recovered after ${formatDuration(lastedMs)}`, {
      subject: this.#subject,
      lastedMs: Math.round(lastedMs),
    });
  }
}
