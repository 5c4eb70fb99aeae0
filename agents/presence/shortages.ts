import type { Clock } from "../../lib/base/clock.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { Reading } from "../../lib/model/verdict.ts";
import { faults } from "../faults.ts";

/** Milliseconds without a shortage after which it is over: some probes succeed while others lack the same resource. */
const overAfterMs = 10_000;

/** Reports the resources that this process lacks for its health checks. */
export class Shortages {
  readonly #createReporter: () => FaultReporter;
  readonly #clock: Clock;
  /** One for each lack: they alternate. */
  readonly #reporters = new Map<string, FaultReporter>();
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(createReporter: () => FaultReporter, clock: Clock) {
    this.#createReporter = createReporter;
    this.#clock = clock;
  }

  /** Takes each reading; the next one of the same check follows in `intervalMs` milliseconds. */
  see(reading: Reading, intervalMs: number): void {
    const nowMs = this.#clock.now();
    if (reading.ok === undefined) {
      this.#lastMs = nowMs;
      const reporter = this.#reporters.get(reading.why) ?? this.#createReporter();
      this.#reporters.set(reading.why, reporter);
      const fault = faults.AGENT_RESOURCES_EXHAUSTED({ work: "health checks", lack: reading.why });
      reporter.report(fault, intervalMs, "the verdicts of the targets stay as they are");
    } else if (this.#reporters.size > 0 && nowMs - this.#lastMs >= overAfterMs) {
      for (const reporter of this.#reporters.values()) reporter.resolved();
      this.#reporters.clear();
    }
  }
}
