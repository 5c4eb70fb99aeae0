import type { Clock } from "../lib/base/clock.ts";
import { formatDuration } from "../lib/base/duration.ts";
import { type Fault, sentence } from "../lib/base/fault.ts";
import type { Log } from "../lib/base/log.ts";

/** How long a fault that goes on unchanged is not mentioned again, in milliseconds. */
const repeatAfterMs = 60_000;

/** One loop's way to say what is wrong. */
export interface Voice {
  /** `meanwhile` says what is so until it is mended; empty when there is nothing to say. */
  fault(fault: Fault, retryInMs: number, meanwhile?: string): void;
  /** What was wrong for this loop is over, if anything was. */
  over(): void;
}

interface Standing {
  readonly words: string;
  readonly saidMs: number;
}

/**
 * Says what is wrong with something without saying it at every attempt: a fault is logged when it is new, when its
 * sentence changes, and once a minute while it lasts; and once more when it is over. Several loops may find the
 * same thing wrong, such as the store that they share: then it is said once, and over when it is for all of them.
 */
export class FaultLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #subject: string;
  readonly #standing = new Map<Voice, Standing>();
  #sinceMs = 0;

  /** `subject` is what the faults are about, for people: `etcd://127.0.0.1:2379`. */
  constructor(subject: string, log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#subject = subject;
  }

  voice(): Voice {
    const voice: Voice = {
      fault: (fault, retryInMs, meanwhile = "") => this.#fault(voice, fault, retryInMs, meanwhile),
      over: () => this.#over(voice),
    };
    return voice;
  }

  #fault(voice: Voice, fault: Fault, retryInMs: number, meanwhile: string): void {
    const nowMs = this.#clock.now();
    const words = sentence(fault);
    if (this.#standing.size === 0) this.#sinceMs = nowMs;
    const same = [...this.#standing.values()].filter((standing) => standing.words === words);
    const saidMs = Math.max(...same.map((standing) => standing.saidMs));
    const isNews = nowMs - saidMs >= repeatAfterMs;
    this.#standing.set(voice, { words, saidMs: isNews ? nowMs : saidMs });
    if (!isNews) return;
    const again = `trying again in ${formatDuration(retryInMs)}`;
    this.#log.warn("fault", [words, meanwhile, again].filter(Boolean).join("; "), {
      code: fault.code,
      subject: this.#subject,
      retryInMs: Math.round(retryInMs),
    });
  }

  #over(voice: Voice): void {
    if (!this.#standing.delete(voice) || this.#standing.size > 0) return;
    const lastedMs = this.#clock.now() - this.#sinceMs;
    this.#log.info("recovered", `${this.#subject}: recovered after ${formatDuration(lastedMs)}`, {
      subject: this.#subject,
      lastedMs: Math.round(lastedMs),
    });
  }
}
