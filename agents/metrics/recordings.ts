import type { Details, Log } from "../../lib/base/log.ts";
import type { Family } from "../../lib/metrics/contract.ts";
import { Counter } from "../../lib/metrics/counter.ts";
import { Histogram } from "../../lib/metrics/histogram.ts";
import type { Verdict } from "../../lib/model/verdict.ts";

const verdicts: Readonly<Record<Verdict, string>> = {
  up: "healthy",
  down: "unhealthy",
  unknown: "unknown",
};

/** The metrics that are counted as things happen. */
export class Recordings {
  readonly #checks = new Histogram(
    "sidekick_check_duration_seconds",
    "Duration of health checks by type, in seconds",
    "type",
  );
  readonly #faults = new Counter(
    "sidekick_faults_total",
    "Faults by code, each as often as it is logged",
    "code",
  );
  readonly #verdicts = new Counter(
    "sidekick_verdict_changes_total",
    "Instances that became healthy, unhealthy or unknown",
    "to",
    Object.values(verdicts),
  );

  /** Adds a probe with the type of its check and its duration in milliseconds. */
  readonly onProbe = (type: string, tookMs: number): void => this.#checks.observe(type, tookMs);

  /** A log that counts what is logged as it is logged, whatever its level. */
  counting(log: Log): Log {
    const counted =
      (write: Log["info"]): Log["info"] =>
      (event, sentence, details) => {
        this.#count(event, details);
        write(event, sentence, details);
      };
    const { debug, info, warn, error } = log;
    return { debug, info: counted(info), warn: counted(warn), error: counted(error) };
  }

  #count(event: string, details: Details = {}): void {
    const { code, verdict } = details;
    if (event === "health_changed") this.#verdicts.increment(verdicts[verdict as Verdict]);
    else if (typeof code === "string") this.#faults.increment(code);
  }

  get families(): readonly Family[] {
    return [this.#checks.family, this.#faults.family, this.#verdicts.family];
  }
}
