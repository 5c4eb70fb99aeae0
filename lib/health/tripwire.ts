import type { ClientHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";

/** The field `tripwire` of a check whose server offers to keep connections. */
export const tripwireField = z
  .boolean()
  .optional()
  .describe(
    "Whether the connection of a probe stays open until a later one, so that the end of the process is noticed at once. Default: presence.tripwire, else true.",
  );

/** A connection that its server can end. */
export type Connection = Socket | ClientHttp2Session;

/** Takes over the connection of a probe. */
export type Hold = (connection: Connection) => void;

/** Milliseconds, and intervals of the check: the longer of both. */
const window = { ms: 10_000, intervals: 10 };

/** After so many closings in the window the server is taken for one that closes idle connections. */
const maxClosings = 3;

/** Milliseconds for which the connections of such a server are not kept. */
const restMs = 60_000;

/** Bytes that a server may send without a request, such as a greeting. */
const maxBytes = 64 * 1024;

/**
 * Milliseconds for which a connection is kept, whatever the interval: less than servers wait for the next request. Not a new
 * one for each probe, since objects that live for a second are expensive to collect.
 */
const freshMs = 3000;

/** The events that end a connection, of sockets and of sessions of HTTP/2. */
const endings = ["end", "goaway", "close"] as const;

/** What the tripwires of an agent share. */
export interface Shared {
  readonly clock: Pick<Clock, "now">;
  /** How many connections may be kept. */
  readonly most: number;
  /** How many connections are kept. */
  held: number;
}

/** Keeps a connection of a check open between its probes. */
export class Tripwire {
  readonly #shared: Shared;
  readonly #windowMs: number;
  readonly #onClosed: () => void;
  #release: (() => void) | undefined;
  #closings: readonly number[] = [];
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #wasClosed = false;
  /** From then on the next probe replaces the connection. */
  #freshUntilMs = 0;
  #freshMs = freshMs;

  /** `intervalMs` is that of the check. `onClosed` has its subject checked at once. */
  constructor(shared: Shared, intervalMs: number, onClosed: () => void) {
    this.#shared = shared;
    this.#windowMs = Math.max(window.ms, window.intervals * intervalMs);
    this.#onClosed = onClosed;
  }

  get isHolding(): boolean {
    return this.#release !== undefined;
  }

  /**
   * Takes over the connection of a probe in place of the previous one, and closes it when the signal of the probe aborts, which
   * may be long after the probe. Undefined if the probe is to close its connection.
   */
  during(signal: AbortSignal): Hold | undefined {
    if (!this.#isWanted) return undefined;
    if (this.isHolding && this.#shared.clock.now() < this.#freshUntilMs) return undefined;
    return (connection) => this.#hold(connection, signal);
  }

  /** Whether the server has closed a connection since the last call. */
  takeClosed(): boolean {
    const wasClosed = this.#wasClosed;
    this.#wasClosed = false;
    return wasClosed;
  }

  /** Has the subject checked at once, as if the server had closed the connection. */
  trip(): void {
    this.#onClosed();
  }

  /** Closes the connection, and keeps none for so many milliseconds. */
  rest(ms = restMs): void {
    this.#release?.();
    this.#closings = [];
    this.#restsUntilMs = this.#shared.clock.now() + ms;
  }

  /** Closes the connection. */
  release(): void {
    this.#release?.();
  }

  get #isWanted(): boolean {
    const { clock, held, most } = this.#shared;
    return clock.now() >= this.#restsUntilMs && (this.isHolding || held < most);
  }

  #hold(connection: Connection, signal: AbortSignal): void {
    this.release();
    // Both may have changed since the probe began.
    if (signal.aborted || !this.#isWanted) connection.destroy();
    else if (connection.destroyed) this.#closed();
    else this.#follow(connection, signal);
  }

  #follow(connection: Connection, signal: AbortSignal): void {
    const release = () => {
      this.#release = undefined;
      this.#shared.held -= 1;
      for (const event of endings) connection.off(event, onEnd);
      connection.off("data", onData);
      signal.removeEventListener("abort", release);
      connection.destroy();
    };
    const onEnd = () => {
      release();
      this.#closed();
    };
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) this.rest();
    };
    this.#release = release;
    this.#freshUntilMs = this.#shared.clock.now() + this.#freshMs;
    this.#shared.held += 1;
    for (const event of endings) connection.on(event, onEnd);
    // The end of what a server sends is only read if all before it is.
    connection.on("data", onData);
    // Never removed: an error without a listener would end the process. The close follows it.
    connection.on("error", () => {});
    signal.addEventListener("abort", release, { once: true });
  }

  #closed(): void {
    this.#wasClosed = true;
    // The server may wait for a shorter time only.
    this.#freshMs = 0;
    const nowMs = this.#shared.clock.now();
    this.#closings = [...this.#closings.filter((ms) => nowMs - ms < this.#windowMs), nowMs];
    if (this.#closings.length >= maxClosings) this.rest();
    this.#onClosed();
  }
}
