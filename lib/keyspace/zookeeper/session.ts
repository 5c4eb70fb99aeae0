import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { abortable, race, untilAborted, whenAborted } from "../../base/signal.ts";
import { closeWithin } from "../close-within.ts";
import type { Session } from "../contract.ts";
import { SessionLifetime } from "../session-lifetime.ts";
import type { Connection } from "./connection.ts";
import type { ZookeeperDial } from "./dial.ts";
import { asFault, Disconnected, isDenied, isExpired } from "./errors.ts";
import type { Writing } from "./put.ts";

/** The wait before the session is gone on with over another connection, in milliseconds. */
const retryMs = 100;

/** How long a write may take, waiting for a connection included, in milliseconds. */
const callMs = 4000;

/** How long closing may try to end the session, in milliseconds; then it is left to expire. */
const closeMs = 4000;

/** What a session needs of its keyspace. */
export interface ZookeeperHeldKey {
  readonly url: string;
  readonly writing: Writing;
  readonly dial: ZookeeperDial;
  readonly readLogin: (signal: AbortSignal) => Promise<string | undefined>;
  readonly clock: Clock;
  /** Told once the session has been closed. */
  readonly forget: (session: ZookeeperSession) => void;
}

/** A session of ZooKeeper, which goes on over one connection after another until it is closed or expires. */
export class ZookeeperSession implements Session {
  readonly #held: ZookeeperHeldKey;
  readonly #resume: (signal: AbortSignal) => Promise<Connection>;
  readonly #connection: Cell<Connection | undefined>;
  readonly #life: SessionLifetime;
  readonly #keeping: Promise<void>;
  /** The end of the first put below each folder. */
  readonly #ahead = new Map<string, Promise<void>>();
  #closing: Promise<void> | undefined;

  /** Goes on with the session that `connection` has begun. */
  constructor(connection: Connection, held: ZookeeperHeldKey) {
    this.#held = held;
    const { session } = connection;
    this.#life = new SessionLifetime(held.url, session.ttlMs);
    this.#resume = (signal) => held.dial({ sessionMs: session.ttlMs, resumed: session }, signal);
    this.#connection = new Cell<Connection | undefined>(connection);
    this.#keeping = untilAborted(this.#life.over, this.#keep(this.#life.over));
  }

  get lost(): AbortSignal {
    return this.#life.lost;
  }

  /** The first put below a folder goes ahead of the others: each of them would try to make the folder. */
  async put(key: string, value: string, signal: AbortSignal): Promise<string> {
    const { writing } = this.#held;
    const folder = key.slice(0, key.lastIndexOf("/"));
    const ahead = this.#ahead.get(folder);
    const { promise, resolve: ended } = Promise.withResolvers<void>();
    if (!ahead) this.#ahead.set(folder, promise);
    const work = async (to: Connection, s: AbortSignal) => {
      await ahead;
      s.throwIfAborted();
      return await writing.put(to, { key, value }, s);
    };
    return await this.#call(`write ${key}`, work, signal).finally(ended);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const { writing } = this.#held;
    await this.#call(`remove ${key}`, (from, s) => writing.remove(from, key, s), signal);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Lets the connection go and leaves the entries to the time to live. */
  async abandon(): Promise<void> {
    this.#life.leave();
    await this.#keeping;
    this.#connection.value?.drop();
  }

  async #call<T>(
    what: string,
    work: (connection: Connection, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    signal.throwIfAborted();
    if (this.#life.over.aborted) throw this.#life.loss;
    try {
      return await race<T>(
        signal,
        async (s) => await abortable(work(await this.#connected(s), s), s),
        async (s) => {
          await this.#held.clock.sleep(callMs, s);
          throw new Disconnected(`no answer within ${callMs} ms`);
        },
      );
    } catch (error) {
      signal.throwIfAborted();
      if (isDenied(error)) await this.#logInAnew(signal);
      if (!isExpired(error)) throw asFault(error, this.#held.url, what);
      this.#life.lose();
      throw this.#life.loss;
    }
  }

  /** Goes on over another connection where the password is not that of this one any more. */
  async #logInAnew(signal: AbortSignal): Promise<void> {
    const connection = this.#connection.value;
    if (connection && connection.login !== (await this.#held.readLogin(signal))) connection.drop();
  }

  async #connected(signal: AbortSignal): Promise<Connection> {
    for (;;) {
      const { value, version } = this.#connection;
      if (value) return value;
      await race(
        signal,
        (s) => this.#connection.newer(version, s),
        async (s) => {
          await whenAborted(this.#life.over, s);
          throw this.#life.loss;
        },
      );
    }
  }

  /** Connects again whenever the connection has ended; only ZooKeeper can tell that the session is gone. */
  async #keep(signal: AbortSignal): Promise<void> {
    for (;;) {
      const connection = await this.#connected(signal);
      await whenAborted(connection.ended, signal);
      this.#connection.set(undefined);
      if (isExpired(connection.ended.reason)) return this.#life.lose();
      const next = await this.#reconnect(signal);
      if (!next) return this.#life.lose();
      this.#connection.set(next);
    }
  }

  /** Tries until ZooKeeper answers; undefined where the session is gone. */
  async #reconnect(signal: AbortSignal): Promise<Connection | undefined> {
    for (;;) {
      try {
        return await this.#resume(signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isExpired(error)) return undefined;
        asFault(error, this.#held.url, "keep a session alive");
        await this.#held.clock.sleep(retryMs, signal);
      }
    }
  }

  async #close(): Promise<void> {
    const { clock, forget } = this.#held;
    const alive = !this.#life.over.aborted;
    this.#life.leave();
    await this.#keeping;
    if (alive) await closeWithin(closeMs, clock, (s) => this.#end(s));
    this.#connection.value?.drop();
    forget(this);
  }

  /** Tries until ZooKeeper has ended the session, or says that it is gone. */
  async #end(signal: AbortSignal): Promise<void> {
    for (;;) {
      const connection = this.#connection.value ?? (await this.#reconnect(signal));
      if (!connection) return;
      try {
        return await abortable(connection.closeSession(), signal);
      } catch (error) {
        connection.drop();
        this.#connection.set(undefined);
        signal.throwIfAborted();
        if (isExpired(error)) return;
        asFault(error, this.#held.url, "end a session");
      }
    }
  }
}
