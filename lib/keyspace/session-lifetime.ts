import type { Fault } from "../base/fault.ts";
import { faults } from "./faults.ts";

/** What the errors of a store mean. */
export interface StoreErrors {
  /** The session has expired. */
  isExpired(error: unknown): boolean;
  /** The fault of any other one. */
  asFault(error: unknown): Fault;
}

/** The lifetime of a session that only the store can expire: it ends on expiry, or when this process ends it. */
export class SessionLifetime {
  readonly #url: string;
  readonly #ttlMs: number;
  readonly #expired = new AbortController();
  readonly #ended = new AbortController();

  constructor(url: string, ttlMs: number) {
    this.#url = url;
    this.#ttlMs = ttlMs;
  }

  /** Aborts once the store has expired the session; the reason is `fault`. */
  get expired(): AbortSignal {
    return this.#expired.signal;
  }

  /** Aborts when the session expires, is closed or is abandoned, whichever comes first. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** KEYSPACE_SESSION_EXPIRED. */
  get fault(): Fault {
    return faults.KEYSPACE_SESSION_EXPIRED({ url: this.#url, ttlMs: this.#ttlMs });
  }

  /** Records that the store has expired the session. */
  expire(): void {
    this.#ended.abort();
    this.#expired.abort(this.fault);
  }

  /** Records that this process closes or abandons the session. */
  end(): void {
    this.#ended.abort();
  }

  /**
   * Does work of the session. Throws `fault` once the session has ended, and records that it has expired if an error means that;
   * any other error is thrown as a fault.
   */
  async during<T>(
    work: () => Promise<T>,
    { isExpired, asFault }: StoreErrors,
    signal: AbortSignal,
  ): Promise<T> {
    signal.throwIfAborted();
    if (this.ended.aborted) throw this.fault;
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!isExpired(error)) throw asFault(error);
      this.expire();
      throw this.fault;
    }
  }
}
