import type { Clock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import type { Guarded, Loss } from "./contract.ts";
import { retainedLosses } from "./guard.ts";

/** Logs when the guard begins to retain instances of a service, and when that ends; each once. */
export class RetainedLog {
  readonly #clock: Clock;
  readonly #log: Log;
  /** The most instances that were retained at a time, by service. */
  #most = new Map<string, number>();
  #last: Guarded["losses"] = new Map();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  log({ observed, losses }: Guarded): void {
    const mostNow = new Map<string, number>();
    for (const [service, loss] of retainedLosses(losses)) {
      const most = this.#most.get(service);
      if (most === undefined) this.#begins(service, loss);
      mostNow.set(service, Math.max(most ?? 0, loss.retained.length));
    }
    for (const [service, most] of this.#most) {
      if (mostNow.has(service)) continue;
      const here = new Set(observed.byName.get(service)?.instances.map(({ address }) => address));
      const retained = this.#last.get(service)?.retained ?? [];
      this.#ends(
        service,
        most,
        retained.filter(({ endpoint }) => !here.has(endpoint.address)).length,
      );
    }
    this.#most = mostNow;
    this.#last = losses;
  }

  #begins(service: string, { retained, live }: Loss): void {
    const untilMs = Math.max(...retained.map((one) => one.untilMs));
    const forMs = untilMs - this.#clock.now();
    const isKept = untilMs === Number.POSITIVE_INFINITY;
    const until = isKept ? "until it has others" : `for ${formatDuration(forMs)}`;
    const sentence = `${service} has lost ${instances(retained.length)} and has ${live} left: the guard retains the lost instances ${until}`;
    this.#log.warn("instances_retained", sentence, {
      service,
      lost: retained.length,
      left: live,
      untilTime: isKept ? undefined : new Date(Date.now() + forMs).toISOString(),
    });
  }

  #ends(service: string, most: number, lost: number): void {
    const back = most - lost;
    const words = [
      back > 0 ? `${back} of ${instances(most)} ${back > 1 ? "are" : "is"} back` : "",
      lost > 0 ? `${instances(lost)} ${lost > 1 ? "are" : "is"} removed` : "",
    ];
    const sentence = `${service} is no longer retained: ${words.filter(Boolean).join(", ")}`;
    this.#log.info("retention_ended", sentence, { service, back, lost });
  }
}

function instances(count: number): string {
  return count === 1 ? "1 instance" : `${count} instances`;
}
