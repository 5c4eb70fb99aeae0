import type { Clock } from "../../base/clock.ts";
import { never, untilAborted } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import type { ConsulClient } from "../../clients/consul/client.ts";
import { ConsulError } from "../../clients/consul/errors.ts";
import { parseObject } from "../../clients/consul/json.ts";
import type { PutRules, Session } from "../contract.ts";
import { retryEvery } from "../retry-every.ts";
import { SessionLifetime } from "../session-lifetime.ts";
import { asFault, isSessionGone } from "./errors.ts";
import { storeKeyOf } from "./pair.ts";
import { put, putPersistent, remove } from "./put.ts";

/** The wait before a failed renewal is retried, in milliseconds. */
const retryMs = 500;

/** How long closing may try to destroy the session, in milliseconds; then it is left to expire. */
const closeMs = 5000;

/** Sessions last so long at most, in milliseconds. */
const maxTtlMs = 86_400_000;

export interface ConsulSessionDeps {
  readonly url: string;
  readonly client: ConsulClient;
  readonly folder: string;
  readonly clock: Clock;
  /** Called once the session has been closed. */
  readonly onClosed: (session: ConsulSession) => void;
}

/** Creates a session, whose TTL is a number of seconds within Consul's limits. Consul expires it after one to two TTLs. */
export async function createSession(
  client: ConsulClient,
  ttlMs: number,
  minTtlMs: number,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly ttlMs: number }> {
  const seconds = Math.ceil(Math.min(maxTtlMs, Math.max(minTtlMs, ttlMs)) / 1000);
  const body = JSON.stringify({
    Name: "sidekick",
    TTL: `${seconds}s`,
    Behavior: "delete",
    // With a lock delay, what was registered could not be registered again at once after a restart.
    LockDelay: "0s",
    // Only the TTL counts, and not the health of the node whose agent is asked. Before Consul 1.7 the field is `Checks`.
    ...{ NodeChecks: [], Checks: [] },
  });
  const { text } = await client.request({ method: "PUT", path: "/session/create", body }, signal);
  const { ID } = parseObject(text, "a session");
  if (typeof ID !== "string") throw new ConsulError("unreadable", "the answer has no session");
  return { id: ID, ttlMs: seconds * 1000 };
}

/** A session of Consul that locks its entries, and is renewed until it is closed or expires. */
export class ConsulSession implements Session {
  readonly id: string;
  readonly ttlMs: number;
  readonly #deps: ConsulSessionDeps;
  readonly #lifetime: SessionLifetime;
  /** Entries without a lock, by key. */
  readonly #persistent = new Set<string>();
  readonly #renewing: Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(deps: ConsulSessionDeps, { id, ttlMs }: { id: string; ttlMs: number }) {
    this.id = id;
    this.ttlMs = ttlMs;
    this.#deps = deps;
    this.#lifetime = new SessionLifetime(deps.url, ttlMs);
    const { ended } = this.#lifetime;
    this.#renewing = untilAborted(ended, this.#renewUntilGone(ended));
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
    const { client, folder } = this.#deps;
    const isPersistent = rules.form?.isPersistent ?? false;
    const entry = { key, storeKey: storeKeyOf(folder, key), value, session: this.id };
    await this.#call(
      `write ${key}`,
      (s) => (isPersistent ? putPersistent : put)(client, entry, rules, s),
      signal,
    );
    if (isPersistent) this.#persistent.add(key);
    return key;
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#call(`remove ${key}`, (s) => this.#remove(key, s), signal);
    this.#persistent.delete(key);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Stops the renewals; the entries stay until the session expires. */
  async abandon(): Promise<void> {
    this.#lifetime.end();
    await this.#renewing;
  }

  async #remove(key: string, signal: AbortSignal): Promise<void> {
    const { client, folder } = this.#deps;
    const owner = this.#persistent.has(key) ? undefined : this.id;
    await remove(client, storeKeyOf(folder, key), owner, signal);
  }

  async #call(
    what: string,
    work: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { url } = this.#deps;
    const errors = {
      isExpired: isSessionGone,
      asFault: (error: unknown) => asFault(error, url, what),
    };
    await this.#lifetime.during(() => work(signal), errors, signal);
  }

  /** Renews three times per TTL. Only an answer of Consul means that the session has expired: a new leader begins the TTL anew. */
  async #renewUntilGone(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    do await clock.sleep(this.ttlMs / 3, signal);
    while (await this.#retry("renew a session", (s) => this.#renew(s), signal));
    this.#lifetime.expire();
  }

  /** False if the session has expired. */
  async #renew(signal: AbortSignal): Promise<boolean> {
    const path = `/session/renew/${this.id}`;
    const request = { method: "PUT", path, accepts: [404] } as const;
    return (await this.#deps.client.request(request, signal)).status !== 404;
  }

  async #close(): Promise<void> {
    const { clock, onClosed } = this.#deps;
    const isAlive = !this.#lifetime.ended.aborted;
    this.#lifetime.end();
    await this.#renewing;
    const destroy = (s: AbortSignal) =>
      this.#retry("destroy a session", (t) => this.#destroy(t), s);
    if (isAlive) await withTimeout(closeMs, destroy, () => {}, clock, never);
    onClosed(this);
  }

  async #destroy(signal: AbortSignal): Promise<void> {
    for (const key of this.#persistent) await this.#remove(key, signal);
    const path = `/session/destroy/${this.id}`;
    await this.#deps.client.request({ method: "PUT", path }, signal);
  }

  async #retry<T>(
    what: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { url, clock } = this.#deps;
    const attempt = async (s: AbortSignal) => {
      try {
        return await work(s);
      } catch (error) {
        s.throwIfAborted();
        throw asFault(error, url, what);
      }
    };
    return await retryEvery(retryMs, attempt, clock, signal);
  }
}
