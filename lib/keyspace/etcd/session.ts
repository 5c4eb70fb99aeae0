import type { Etcd3 } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import { never, untilAborted } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import type { PutRules, Session } from "../contract.ts";
import { retryEvery } from "../retry-every.ts";
import { SessionLifetime } from "../session-lifetime.ts";
import { asFault, isLeaseGone } from "./errors.ts";
import { FormedKeys } from "./formed-keys.ts";
import { type Lease, remove, revoke } from "./lease.ts";
import { LeaseStream } from "./lease-stream.ts";
import { put } from "./put.ts";
import type { ReconnectingClient } from "./reconnecting-client.ts";
import type { StoredKeys } from "./stored-keys.ts";

/** The wait before a failed refresh or revocation is retried, in milliseconds. */
const retryMs = 200;

/** How long closing may try to revoke the lease, in milliseconds; then the lease is left to expire. */
const closeMs = 5000;

export interface EtcdSessionDeps {
  readonly url: string;
  readonly keys: StoredKeys;
  readonly client: ReconnectingClient;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Called once the session has been closed. */
  readonly onClosed: (session: EtcdSession) => void;
}

/** A session on one lease, which is kept alive until the session is closed or the lease expires. */
export class EtcdSession implements Session {
  readonly #deps: EtcdSessionDeps;
  readonly #lifetime: SessionLifetime;
  readonly #formed: FormedKeys;
  readonly #keepAlive: Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(deps: EtcdSessionDeps) {
    this.#deps = deps;
    this.#formed = new FormedKeys(deps);
    this.#lifetime = new SessionLifetime(deps.url, deps.lease.ttlMs);
    const { ended } = this.#lifetime;
    this.#keepAlive = untilAborted(ended, this.#runKeepAlive(ended));
  }

  get id(): string {
    return this.#deps.lease.id;
  }

  get ttlMs(): number {
    return this.#deps.lease.ttlMs;
  }

  get expired(): AbortSignal {
    return this.#lifetime.expired;
  }

  async put(
    key: string,
    value: string,
    signal: AbortSignal,
    rules: PutRules = {},
  ): Promise<string> {
    const { lease, keys } = this.#deps;
    const { form } = rules;
    const work = async (etcd: Etcd3) => {
      if (form) return await this.#formed.put(etcd, { key, value, rules }, form);
      await put(etcd, { key, storeKey: keys.storedOf(key), value }, lease, rules);
      return key;
    };
    return await this.#call(`write ${key}`, work, signal);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const { lease, keys } = this.#deps;
    const work = async (etcd: Etcd3) =>
      this.#formed.has(key)
        ? this.#formed.remove(etcd, key)
        : remove(etcd, keys.storedOf(key), lease);
    await this.#call(`remove ${key}`, work, signal);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Stops the keep-alive and closes the connection; the entries stay until the lease expires. */
  async abandon(): Promise<void> {
    this.#lifetime.end();
    await this.#keepAlive;
    this.#deps.client.close();
  }

  async #call<T>(what: string, work: (etcd: Etcd3) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { client, url } = this.#deps;
    const errors = {
      isExpired: isLeaseGone,
      asFault: (error: unknown) => asFault(error, url, what),
    };
    return await this.#lifetime.during(() => client.call(work, signal), errors, signal);
  }

  /**
   * Refreshes the lease three times per TTL. Only an answer of etcd means that it has expired: etcd restarts the TTL
   * with itself and with each new leader, and so keeps the lease longer than this process could calculate.
   */
  async #runKeepAlive(signal: AbortSignal): Promise<void> {
    const { lease, clock } = this.#deps;
    const stream = new LeaseStream(lease, clock);
    try {
      do await clock.sleep(lease.ttlMs / 3, signal);
      while (await this.#refresh(stream, signal));
    } finally {
      stream.close();
    }
    this.#lifetime.expire();
  }

  /** Retries until etcd answers; false if the lease has expired. */
  async #refresh(stream: LeaseStream, signal: AbortSignal): Promise<boolean> {
    return await this.#retry(
      "keep a lease alive",
      async (etcd, s) => await stream.refresh(etcd, s),
      signal,
    );
  }

  async #close(): Promise<void> {
    const { client, clock, onClosed } = this.#deps;
    const isAlive = !this.#lifetime.ended.aborted;
    this.#lifetime.end();
    await this.#keepAlive;
    if (isAlive)
      await withTimeout(
        closeMs,
        (s) => this.#revoke(s),
        () => {},
        clock,
        never,
      );
    client.close();
    onClosed(this);
  }

  /** Retries until etcd has revoked the lease, or answers that it has expired. */
  async #revoke(signal: AbortSignal): Promise<void> {
    const { lease } = this.#deps;
    const revokeOnce = async (etcd: Etcd3) => {
      await this.#formed.removePersistent(etcd);
      try {
        await revoke(etcd, lease);
      } catch (error) {
        if (!isLeaseGone(error)) throw error;
      }
    };
    await this.#retry("revoke a lease", revokeOnce, signal);
  }

  async #retry<T>(
    what: string,
    work: (etcd: Etcd3, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { client, url, clock } = this.#deps;
    const attempt = async (s: AbortSignal) => {
      try {
        return await client.call((etcd) => work(etcd, s), s);
      } catch (error) {
        s.throwIfAborted();
        throw asFault(error, url, what);
      }
    };
    return await retryEvery(retryMs, attempt, clock, signal);
  }
}
