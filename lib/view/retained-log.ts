import type { Clock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import type { Guarded, Loss } from "./contract.ts";
import { retainedLosses } from "./guard.ts";

/** Says once when the loss of a service is not believed, and once when that is over. */
export class RetainedLog {
  readonly #clock: Clock;
  readonly #log: Log;
  /** The most that each service was seen to hold at a time. */
  #standing = new Map<string, number>();
  #last: Guarded["losses"] = new Map();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  say({ observed: said, losses }: Guarded): void {
    const standing = new Map<string, number>();
    for (const [service, loss] of retainedLosses(losses)) {
      const most = this.#standing.get(service);
      if (most === undefined) this.#begins(service, loss);
      standing.set(service, Math.max(most ?? 0, loss.retained.length));
    }
    for (const [service, most] of this.#standing) {
      if (standing.has(service)) continue;
      const here = new Set(said.byName.get(service)?.instances.map(({ address }) => address));
      const held = this.#last.get(service)?.retained ?? [];
      this.#ends(service, most, held.filter(({ endpoint }) => !here.has(endpoint.address)).length);
    }
    this.#standing = standing;
    this.#last = losses;
  }

  #begins(service: string, { retained: held, live }: Loss): void {
    const untilMs = Math.max(...held.map((one) => one.untilMs));
    const forMs = untilMs - this.#clock.now();
    const isKept = untilMs === Number.POSITIVE_INFINITY;
    const until = isKept ? "until it has others" : `for ${formatDuration(forMs)}`;
    const sentence = `${service} has lost ${instances(held.length)} and has ${live} left: what it lost stays as it was ${until}`;
    const time = isKept ? {} : { untilTime: new Date(Date.now() + forMs).toISOString() };
    this.#log.warn("instances_retained", sentence, {
      service,
      lost: held.length,
      left: live,
      ...time,
    });
  }

  #ends(service: string, most: number, lost: number): void {
    const back = most - lost;
    const words = [
      back > 0
        ? `${instances(back)} of ${most} that it had lost ${back > 1 ? "are" : "is"} back`
        : "",
      lost > 0 ? `the loss of ${instances(lost)} is believed` : "",
    ];
    const sentence = `${service}: ${words.filter(Boolean).join(", ")}`;
    this.#log.info("retention_ended", sentence, { service, back, lost });
  }
}

function instances(count: number): string {
  return count === 1 ? "1 instance" : `${count} instances`;
}
