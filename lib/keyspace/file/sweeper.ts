import type { Clock } from "../../base/clock.ts";
import { SessionsWatch } from "./sessions-watch.ts";
import { type SweepResult, sweep } from "./sweep.ts";
import type { Uptime } from "./uptime.ts";

/** The interval of sweeps, in milliseconds, where the system reports sessions that begin and end: it may drop a report. */
const reportedMs = 10_000;

/** The interval of sweeps, in milliseconds, where it does not, or where a file waits to be removed; no sweep follows sooner. */
const sweepMs = 500;

export interface SweeperDeps {
  readonly clock: Clock;
  readonly uptime: Uptime;
  readonly sessions: SessionsWatch;
}

/**
 * Sweeps a keyspace folder when it may be of use: when the first session can have expired, and after one has begun or
 * ended.
 */
export class Sweeper implements Disposable {
  readonly #root: string;
  readonly #deps: SweeperDeps;
  #swept: SweepResult = { nextExpiryMs: 0, orphans: new Set() };
  #sweptAtMs = Number.NEGATIVE_INFINITY;
  #untilMs = Number.NEGATIVE_INFINITY;
  #changesSeen = 0;

  constructor(
    root: string,
    deps: Omit<SweeperDeps, "sessions">,
    sessions = new SessionsWatch(root),
  ) {
    this.#root = root;
    this.#deps = { ...deps, sessions };
  }

  /** The inodes of the last sweep. */
  get orphans(): ReadonlySet<bigint> {
    return this.#swept.orphans;
  }

  /** When the next sweep is due, in milliseconds of the clock. */
  get dueMs(): number {
    return this.#hasChanged ? Math.min(this.#untilMs, this.#sweptAtMs + sweepMs) : this.#untilMs;
  }

  /** Resolves when a session has begun or ended, which may change `dueMs`. */
  async changed(signal: AbortSignal): Promise<void> {
    const { changed } = this.#deps.sessions;
    await changed.newer(changed.version, signal);
  }

  async sweep(): Promise<void> {
    const { clock, uptime, sessions } = this.#deps;
    this.#changesSeen = sessions.changed.version;
    // What begins after the watch is reported, and what began before is found.
    const isReported = await sessions.renew();
    this.#swept = await sweep(this.#root, uptime);
    this.#sweptAtMs = clock.now();
    const mostMs = isReported && this.orphans.size === 0 ? reportedMs : sweepMs;
    this.#untilMs = this.#sweptAtMs + Math.min(mostMs, this.#swept.nextExpiryMs);
  }

  [Symbol.dispose](): void {
    this.#deps.sessions[Symbol.dispose]();
  }

  get #hasChanged(): boolean {
    return this.#deps.sessions.changed.version > this.#changesSeen;
  }
}
