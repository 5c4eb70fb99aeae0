import type { Clock } from "../base/clock.ts";
import { Fault } from "../base/fault.ts";
import { never } from "../base/signal.ts";
import { notify, type Supervisor } from "./systemd.ts";

/** Notifies systemd of reloads: a unit with `Type=notify-reload` is reloading from its signal until it is ready again. */
export class ReloadNotices {
  readonly #supervisor: Supervisor | undefined;
  readonly #clock: Clock;
  readonly #monotonicUs: () => bigint;
  /** Before it is ready, a notice of a reload would end its start. */
  #isReady = false;

  /** `monotonicUs` is the time since the start of the machine, in microseconds. */
  constructor(supervisor: Supervisor | undefined, clock: Clock, monotonicUs: () => bigint) {
    this.#monotonicUs = monotonicUs;
    this.#supervisor = supervisor;
    this.#clock = clock;
  }

  readonly onReady = (): void => {
    this.#isReady = true;
  };

  /** A systemd that cannot be notified is reported by the notices of the status. */
  async during<T>(reload: () => Promise<T>): Promise<T> {
    const isNotified = this.#isReady;
    const usec = this.#monotonicUs();
    if (isNotified) await this.#send("RELOADING=1", `MONOTONIC_USEC=${usec}`);
    try {
      return await reload();
    } finally {
      if (isNotified) await this.#send("READY=1");
    }
  }

  async #send(...lines: readonly string[]): Promise<void> {
    if (!this.#supervisor) return;
    try {
      await notify(this.#supervisor.socket, lines, this.#clock, never);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
}
