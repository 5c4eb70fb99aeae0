import type { Etcd3 } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import { untilAborted } from "../../base/signal.ts";
import { closeWithin } from "../close-within.ts";
import type { Session } from "../contract.ts";
import { SessionLifetime } from "../session-lifetime.ts";
import { asFault, isLeaseGone } from "./errors.ts";
import { type Lease, refresh, remove, revoke } from "./lease.ts";
import { put } from "./put.ts";
import type { ReconnectingClient } from "./reconnecting-client.ts";

/** The wait before etcd is tried again while the lease may still live, in milliseconds. */
const retryMs = 200;

/** How long closing may try to revoke the lease, in milliseconds; then it is left to expire. */
const closeMs = 5000;

/** What a session needs of its keyspace. */
export interface EtcdHeldKey {
  readonly url: string;
  readonly link: ReconnectingClient;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Told once the session has been closed. */
  readonly forget: (session: EtcdSession) => void;
}

/** Entries on one lease, which is kept alive until the session is closed or the lease is lost. */
export class EtcdSession implements Session {
  readonly #held: EtcdHeldKey;
  readonly #life: SessionLifetime;
  readonly #keeping: Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(held: EtcdHeldKey) {
    this.#held = held;
    this.#life = new SessionLifetime(held.url, held.lease.ttlMs);
    this.#keeping = untilAborted(this.#life.over, this.#keepAlive(this.#life.over));
  }

  get lost(): AbortSignal {
    return this.#life.lost;
  }

  async put(key: string, value: string, signal: AbortSignal): Promise<string> {
    const { lease } = this.#held;
    await this.#call(`write ${key}`, (client) => put(client, key, value, lease), signal);
    return key;
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
    this.#life.leave();
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
    if (this.#life.over.aborted) throw this.#life.loss;
    try {
      await link.call(work, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isLeaseGone(error)) throw asFault(error, url, what);
      this.#life.lose();
      throw this.#life.loss;
    }
  }

  /**
   * Refreshes the lease three times in its life. Only etcd can tell that it is gone: counting from a restart,
   * or from the election of a leader, it keeps the lease for longer than we could know.
   */
  async #keepAlive(signal: AbortSignal): Promise<void> {
    const { lease, clock } = this.#held;
    do await clock.sleep(lease.ttlMs / 3, signal);
    while (await this.#refresh(signal));
    this.#life.lose();
  }

  /** Tries until etcd answers: whether the lease is still there. */
  async #refresh(signal: AbortSignal): Promise<boolean> {
    const { link, lease, url, clock } = this.#held;
    for (;;) {
      try {
        return await link.call((client) => refresh(client, lease, signal), signal);
      } catch (error) {
        signal.throwIfAborted();
        asFault(error, url, "keep a lease alive");
        await clock.sleep(retryMs, signal);
      }
    }
  }

  async #close(): Promise<void> {
    const { link, clock, forget } = this.#held;
    const alive = !this.#life.over.aborted;
    this.#life.leave();
    await this.#keeping;
    if (alive) await closeWithin(closeMs, clock, (s) => this.#revoke(s));
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
}
