import type { Etcd3 } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import { first, untilAborted } from "../../base/signal.ts";
import type { Session } from "../contract.ts";
import { faults } from "../faults.ts";
import { leaveWithin } from "../leave-within.ts";
import { type Lease, put, refresh, remove, revoke } from "./lease.ts";
import type { Link } from "./link.ts";
import { asFault, isLeaseGone } from "./trouble.ts";

/** The wait before etcd is tried again while the lease may still live, in milliseconds. */
const retryMs = 200;

/** How long closing may try to revoke the lease, in milliseconds; then it is left to expire. */
const closeMs = 5000;

/** What a session needs of its keyspace. */
export interface Held {
  readonly url: string;
  readonly link: Link;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Told once the session has been closed. */
  readonly forget: (session: EtcdSession) => void;
}

/** Entries on one lease, which is kept alive until the session is closed or the lease is lost. */
export class EtcdSession implements Session {
  readonly #held: Held;
  readonly #lost = new AbortController();
  /** Aborts when the session is lost, closed or abandoned: whichever is first. */
  readonly #over = new AbortController();
  readonly #keeping: Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(held: Held) {
    this.#held = held;
    this.#keeping = untilAborted(this.#over.signal, this.#keepAlive(this.#over.signal));
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async put(key: string, value: string, signal: AbortSignal): Promise<void> {
    const { lease } = this.#held;
    await this.#call(`write ${key}`, (client) => put(client, key, value, lease), signal);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const { lease } = this.#held;
    await this.#call(`remove ${key}`, (client) => remove(client, key, lease), signal);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Stops keeping the lease alive and lets the connection go; the entries stay until it expires. */
  async abandon(): Promise<void> {
    this.#over.abort();
    await this.#keeping;
    this.#held.link.close();
  }

  async #call(
    what: string,
    work: (client: Etcd3) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const { link, url } = this.#held;
    if (this.#over.signal.aborted) throw this.#loss();
    try {
      await link.call(work, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isLeaseGone(error)) throw asFault(error, url, what);
      this.#lose();
      throw this.#loss();
    }
  }

  /**
   * Refreshes the lease three times in its life. It is taken for lost when a whole life has passed since
   * the last refresh that was answered was sent; etcd, counting from a restart, may keep it for longer.
   */
  async #keepAlive(signal: AbortSignal): Promise<void> {
    const { lease, clock } = this.#held;
    let endMs = lease.sinceMs + lease.ttlMs;
    for (;;) {
      await clock.sleep(lease.ttlMs / 3, signal);
      const leftMs = Math.max(0, endMs - clock.now());
      const refreshedMs = await first<number | undefined>(
        signal,
        (s) => this.#refresh(s),
        (s) => clock.sleep(leftMs, s).then(() => undefined),
      );
      if (refreshedMs === undefined) return this.#lose();
      endMs = refreshedMs + lease.ttlMs;
    }
  }

  /** Tries until etcd answers: when it was asked, or undefined where the lease is gone. */
  async #refresh(signal: AbortSignal): Promise<number | undefined> {
    const { link, lease, url, clock } = this.#held;
    for (;;) {
      const askedMs = clock.now();
      try {
        const alive = await link.call((client) => refresh(client, lease, signal), signal);
        return alive ? askedMs : undefined;
      } catch (error) {
        signal.throwIfAborted();
        asFault(error, url, "keep a lease alive");
        await clock.sleep(retryMs, signal);
      }
    }
  }

  async #close(): Promise<void> {
    const { link, clock, forget } = this.#held;
    const alive = !this.#over.signal.aborted;
    this.#over.abort();
    await this.#keeping;
    if (alive) await leaveWithin(closeMs, clock, (s) => this.#revoke(s));
    link.close();
    forget(this);
  }

  /** Tries until etcd has revoked the lease, or says that it is gone. */
  async #revoke(signal: AbortSignal): Promise<void> {
    const { link, lease, url, clock } = this.#held;
    for (;;) {
      try {
        return await link.call((client) => revoke(client, lease), signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isLeaseGone(error)) return;
        asFault(error, url, "revoke a lease");
        await clock.sleep(retryMs, signal);
      }
    }
  }

  #lose(): void {
    this.#over.abort();
    this.#lost.abort(this.#loss());
  }

  #loss(): Fault {
    const { url, lease } = this.#held;
    return faults.KEYSPACE_SESSION_LOST({ url, ttlMs: lease.ttlMs });
  }
}
