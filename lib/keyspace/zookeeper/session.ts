import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { abortable, never, race, untilAborted, whenAborted } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import type { PutRules, Session } from "../contract.ts";
import { retryEvery } from "../retry-every.ts";
import { SessionLifetime } from "../session-lifetime.ts";
import type { Connection } from "./connection.ts";
import type { ZookeeperDial } from "./dial.ts";
import { asFault, Disconnected, isExpired, isPermissionDenied } from "./errors.ts";
import type { EntryWriter } from "./put.ts";

/** The wait before a failed reconnect is retried, in milliseconds. */
const retryMs = 100;

/** How long a write may take, including the wait for a connection, in milliseconds. */
const callMs = 4000;

/** How long closing may try to end the session, in milliseconds; then the session is left to expire. */
const closeMs = 4000;

export interface ZookeeperSessionDeps {
  readonly url: string;
  readonly writer: EntryWriter;
  readonly dial: ZookeeperDial;
  readonly readLogin: (signal: AbortSignal) => Promise<string | undefined>;
  readonly clock: Clock;
  /** Called once the session has been closed. */
  readonly onClosed: (session: ZookeeperSession) => void;
}

/** A session of ZooKeeper, which is resumed over one connection after another until it is closed or expires. */
export class ZookeeperSession implements Session {
  readonly id: string;
  readonly ttlMs: number;
  readonly #deps: ZookeeperSessionDeps;
  readonly #resume: (signal: AbortSignal) => Promise<Connection>;
  readonly #connection: Cell<Connection | undefined>;
  readonly #lifetime: SessionLifetime;
  readonly #keepConnected: Promise<void>;
  /** By folder: resolves when the first put in it has ended. */
  readonly #firstPuts = new Map<string, Promise<void>>();
  #closing: Promise<void> | undefined;

  /** Takes over the connection on which the session was opened. */
  constructor(connection: Connection, deps: ZookeeperSessionDeps) {
    this.#deps = deps;
    const { session } = connection;
    this.id = String(session.owner);
    this.ttlMs = session.ttlMs;
    this.#lifetime = new SessionLifetime(deps.url, session.ttlMs);
    this.#resume = (signal) => deps.dial({ sessionMs: session.ttlMs, resumed: session }, signal);
    this.#connection = new Cell<Connection | undefined>(connection);
    const { ended } = this.#lifetime;
    this.#keepConnected = untilAborted(ended, this.#reconnectWhenEnded(ended));
  }

  get expired(): AbortSignal {
    return this.#lifetime.expired;
  }

  /** The first put in a folder runs ahead of the others, each of which would try to create the folder. */
  async put(
    key: string,
    value: string,
    signal: AbortSignal,
    rules: PutRules = {},
  ): Promise<string> {
    const { writer } = this.#deps;
    const folder = key.slice(0, key.lastIndexOf("/"));
    const firstPut = this.#firstPuts.get(folder);
    const { promise, resolve: onEnd } = Promise.withResolvers<void>();
    if (!firstPut) this.#firstPuts.set(folder, promise);
    const work = async (connection: Connection, s: AbortSignal) => {
      await firstPut;
      s.throwIfAborted();
      return await writer.put(connection, { key, value, rules }, s);
    };
    return await this.#call(`write ${key}`, work, signal).finally(onEnd);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const { writer } = this.#deps;
    const work = (connection: Connection, s: AbortSignal) => writer.remove(connection, key, s);
    await this.#call(`remove ${key}`, work, signal);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Drops the connection; the entries stay until the session expires. */
  async abandon(): Promise<void> {
    this.#lifetime.end();
    await this.#keepConnected;
    this.#connection.value?.drop();
  }

  async #call<T>(
    what: string,
    work: (connection: Connection, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { url, clock } = this.#deps;
    const onTimeout = () => {
      throw new Disconnected(`no answer within ${callMs} ms`);
    };
    const once = async (s: AbortSignal) => await abortable(work(await this.#connected(s), s), s);
    const call = async () => {
      try {
        return await withTimeout(callMs, once, onTimeout, clock, signal);
      } catch (error) {
        if (!signal.aborted && isPermissionDenied(error)) await this.#dropIfLoginChanged(signal);
        throw error;
      }
    };
    const errors = { isExpired, asFault: (error: unknown) => asFault(error, url, what) };
    return await this.#lifetime.during(call, errors, signal);
  }

  /** Drops a connection that was logged in with an old password, so that the session reconnects with the new one. */
  async #dropIfLoginChanged(signal: AbortSignal): Promise<void> {
    const connection = this.#connection.value;
    if (connection && connection.login !== (await this.#deps.readLogin(signal))) connection.drop();
  }

  /** Waits for a connection. Throws KEYSPACE_SESSION_EXPIRED if the session ends first. */
  async #connected(signal: AbortSignal): Promise<Connection> {
    for (;;) {
      const { value } = this.#connection;
      if (value) return value;
      await race<unknown>(
        signal,
        (s) => this.#connection.until((connection) => connection !== undefined, s),
        async (s) => {
          await whenAborted(this.#lifetime.ended, s);
          throw this.#lifetime.fault;
        },
      );
    }
  }

  /** Reconnects whenever the connection has ended, until ZooKeeper answers that the session has expired. */
  async #reconnectWhenEnded(signal: AbortSignal): Promise<void> {
    for (;;) {
      const connection = await this.#connected(signal);
      await whenAborted(connection.ended, signal);
      this.#connection.set(undefined);
      if (isExpired(connection.ended.reason)) return this.#lifetime.expire();
      const next = await this.#reconnect(signal);
      if (!next) return this.#lifetime.expire();
      this.#connection.set(next);
    }
  }

  /** Retries until ZooKeeper answers; undefined if the session has expired. */
  async #reconnect(signal: AbortSignal): Promise<Connection | undefined> {
    const { url, clock } = this.#deps;
    const attempt = async (s: AbortSignal) => {
      try {
        return await this.#resume(s);
      } catch (error) {
        s.throwIfAborted();
        if (isExpired(error)) return undefined;
        throw asFault(error, url, "keep a session alive");
      }
    };
    return await retryEvery(retryMs, attempt, clock, signal);
  }

  async #close(): Promise<void> {
    const { clock, onClosed } = this.#deps;
    const isAlive = !this.#lifetime.ended.aborted;
    this.#lifetime.end();
    await this.#keepConnected;
    if (isAlive)
      await withTimeout(
        closeMs,
        (s) => this.#end(s),
        () => {},
        clock,
        never,
      );
    this.#connection.value?.drop();
    onClosed(this);
  }

  /** Retries until ZooKeeper has ended the session, or answers that it has expired. */
  async #end(signal: AbortSignal): Promise<void> {
    for (;;) {
      const connection = this.#connection.value ?? (await this.#reconnect(signal));
      if (!connection) return;
      try {
        await abortable(this.#deps.writer.removePersistent(connection), signal);
        return await abortable(connection.closeSession(), signal);
      } catch (error) {
        connection.drop();
        this.#connection.set(undefined);
        signal.throwIfAborted();
        if (isExpired(error)) return;
        asFault(error, this.#deps.url, "end a session");
      }
    }
  }
}
