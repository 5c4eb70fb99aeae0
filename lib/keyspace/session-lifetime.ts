import type { Fault } from "../base/fault.ts";
import { faults } from "./faults.ts";

/** The life of a session that only its store can end: it is over when it is lost, or when we leave it. */
export class SessionLifetime {
  readonly #url: string;
  readonly #ttlMs: number;
  readonly #lost = new AbortController();
  readonly #over = new AbortController();

  constructor(url: string, ttlMs: number) {
    this.#url = url;
    this.#ttlMs = ttlMs;
  }

  /** Aborts once the store has dropped the session; the reason is `loss`. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Aborts when the session is lost, closed or abandoned: whichever is first. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get loss(): Fault {
    return faults.KEYSPACE_SESSION_EXPIRED({ url: this.#url, ttlMs: this.#ttlMs });
  }

  /** The store has dropped the session. */
  lose(): void {
    this.#over.abort();
    this.#lost.abort(this.loss);
  }

  /** We leave the session, with or without taking leave of the store. */
  leave(): void {
    this.#over.abort();
  }
}
