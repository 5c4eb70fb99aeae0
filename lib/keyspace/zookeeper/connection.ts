import { ACL, type Client, CreateMode, Exception, type Stat } from "node-zookeeper-client";
import type { Clock } from "../../base/clock.ts";
import { sentence } from "../../base/fault.ts";
import { first, heed } from "../../base/signal.ts";
import {
  addWatch,
  type Changed,
  closeSession,
  dropClient,
  type Opening,
  openClient,
  type Resumed,
  removeAtVersion,
  sync,
} from "./library.ts";
import { Disconnected } from "./trouble.ts";

export interface Connecting extends Omit<Opening, "pingMs" | "clock"> {
  /** How long connecting may take, in milliseconds. */
  readonly limitMs: number;
  /** Told the path of each node that a watch says to have changed. */
  readonly onChange?: (path: string, what: Changed) => void;
}

/** Whether `onChange` is told of the next change to what is read, however soon that comes; only of that one. */
export type Watching = "once" | "never";

/** A node with its data. */
export interface Node {
  readonly value: string;
  /** The transaction that made it. */
  readonly made: string;
  /** The transaction that wrote it last. */
  readonly revision: string;
  /** The session that it ends with; undefined for a persistent node. */
  readonly owner: bigint | undefined;
  readonly version: number;
  readonly children: number;
  /** How many children have come or gone so far. */
  readonly childChanges: number;
}

/** A node as it was when it was read. */
export interface At {
  readonly path: string;
  readonly version: number;
}

/** A connection is pinged this often, in milliseconds. */
const pingMs = 2000;

/** A connection on which nothing was heard for so long has ended, in milliseconds. */
const silentMs = 6000;

/** Connects and waits until ZooKeeper has granted, or goes on with, a session. */
export async function connect(
  connecting: Connecting,
  clock: Clock,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const connection = new Connection(connecting, clock);
  try {
    await first(
      signal,
      (s) => heed(connection.ready, s),
      async (s) => {
        await clock.sleep(connecting.limitMs, s);
        throw new Disconnected(`no answer within ${connecting.limitMs} ms`);
      },
    );
    return connection;
  } catch (error) {
    connection.drop();
    throw error;
  }
}

/**
 * One connection, which ends once and for all: then whatever still waits for an answer fails. Calls reject
 * with the library's Exception, or with the reason of `ended`.
 */
export class Connection {
  readonly ready: Promise<void>;
  readonly login: string | undefined;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #acl: readonly ACL[];
  readonly #ended = new AbortController();
  readonly #waiting = new Set<(reason: unknown) => void>();
  #heardMs: number;
  #trouble: Error | undefined;

  constructor(connecting: Connecting, clock: Clock) {
    this.#clock = clock;
    this.#heardMs = clock.now();
    this.login = connecting.login;
    this.#acl = connecting.login
      ? [...ACL.CREATOR_ALL_ACL, ...ACL.READ_ACL_UNSAFE]
      : ACL.OPEN_ACL_UNSAFE;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#waiting.add(reject);
    this.#client = openClient(
      { ...connecting, pingMs, clock },
      {
        heard: () => {
          this.#heardMs = clock.now();
        },
        event: (path, what) => connecting.onChange?.(path, what),
        trouble: (error) => {
          this.#trouble = error;
        },
        connected: () => {
          this.#waiting.delete(reject);
          resolve();
          void this.#listen();
        },
        ended: (how) => {
          const code = how === "expired" ? Exception.SESSION_EXPIRED : Exception.AUTH_FAILED;
          this.#end(how === "disconnected" ? this.#closed() : Exception.create(code));
        },
      },
    );
  }

  /** Aborts when the connection ends; the reason is why. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** What another connection goes on with. */
  get session(): Resumed & { readonly ttlMs: number; readonly owner: bigint } {
    const { sessionId, sessionPassword, sessionTimeout } = this.#client.connectionManager;
    const id = Buffer.from(sessionId);
    const password = Buffer.from(sessionPassword);
    return { id, password, ttlMs: sessionTimeout, owner: id.readBigUInt64BE() };
  }

  /** The last transaction that the server had seen when it last answered. */
  get revision(): string {
    return String(this.#client.connectionManager.zxid.readBigUInt64BE());
  }

  /** Makes a node that ends with the session. */
  async create(path: string, value: Buffer): Promise<void> {
    await this.#ask((done) =>
      this.#client.create(path, value, this.#acl, CreateMode.EPHEMERAL, done),
    );
  }

  /**
   * Makes a node that ends with the session, whose name is the path and a number, `instead` of others: resolves
   * with its path. Who watches is told of it before the others go.
   */
  async createNumbered(path: string, value: Buffer, instead: readonly At[]): Promise<string> {
    const making = this.#client.transaction();
    making.create(path, value, this.#acl, CreateMode.EPHEMERAL_SEQUENTIAL);
    for (const other of instead) removeAtVersion(making, other.path, other.version);
    const made = await this.#ask<readonly { path?: string }[]>((done) => making.commit(done));
    return made[0]?.path ?? path;
  }

  /** Makes a node that stays, without data. */
  async createFolder(path: string): Promise<void> {
    const none = Buffer.alloc(0);
    await this.#ask((done) =>
      this.#client.create(path, none, this.#acl, CreateMode.PERSISTENT, done),
    );
  }

  /** Puts a node that ends with our session in the place of another one, so that nobody sees none. */
  async replace(path: string, value: Buffer, version: number): Promise<void> {
    const replacing = removeAtVersion(this.#client.transaction(), path, version);
    replacing.create(path, value, this.#acl, CreateMode.EPHEMERAL);
    await this.#ask((done) => replacing.commit((error) => done(error)));
  }

  async setData(path: string, value: Buffer, version: number): Promise<void> {
    await this.#ask((done) => this.#client.setData(path, value, version, done));
  }

  async remove(path: string, version: number): Promise<void> {
    await this.#ask((done) => this.#client.remove(path, version, (error) => done(error)));
  }

  /** The node without its data; undefined where there is none, which can be watched as well. */
  async stat(
    path: string,
    watching: Watching = "never",
  ): Promise<Pick<Node, "owner" | "version"> | undefined> {
    const stat = await this.#ask<Stat | null>((done) =>
      this.#client.exists(path, watchers[watching], done),
    );
    return stat ? nodeOf(undefined, stat) : undefined;
  }

  async read(path: string, watching: Watching = "never"): Promise<Node> {
    return await this.#ask<Node>((done) =>
      this.#client.getData(path, watchers[watching], (error, data, stat) =>
        error ? done(error) : done(undefined, nodeOf(data, stat)),
      ),
    );
  }

  /** The names of the nodes right below. */
  async children(path: string, watching: Watching = "never"): Promise<readonly string[]> {
    return (
      (await this.#ask<string[]>((done) =>
        this.#client.getChildren(path, watchers[watching], (error, names) => done(error, names)),
      )) ?? []
    );
  }

  /** From here on what is read is no older than what any server had shown before. */
  async sync(): Promise<void> {
    await this.#ask((done) => sync(this.#client, done));
  }

  /** From here on `onChange` is told of the node and all below it, whether they are there or not. */
  async watch(path: string): Promise<void> {
    await this.#ask((done) => addWatch(this.#client, path, done));
  }

  /** Ends the session, and with it the nodes that are its own. */
  async closeSession(): Promise<void> {
    await this.#ask((done) => closeSession(this.#client, done));
    this.drop();
  }

  /** Ends the session without waiting for the answer. */
  leave(): void {
    if (!this.#ended.signal.aborted) closeSession(this.#client, () => {});
    this.#end(new Disconnected("it was left"), "writes");
  }

  /** Ends the connection and leaves the session to its time to live. */
  drop(): void {
    this.#end(new Disconnected("it was dropped"));
  }

  #ask<T>(call: (done: (error: unknown, value?: T) => void) => void): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (this.#ended.signal.aborted) {
      reject(this.#ended.signal.reason);
      return promise;
    }
    this.#waiting.add(reject);
    call((error, value) => {
      this.#waiting.delete(reject);
      if (error) reject(error);
      else resolve(value as T);
    });
    return promise;
  }

  /** The library never notices that nothing comes any more: a frozen server, a network that fell silent. */
  async #listen(): Promise<void> {
    const limitMs = Math.min(silentMs, (this.session.ttlMs * 2) / 3);
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const leftMs = this.#heardMs + limitMs - this.#clock.now();
      if (leftMs <= 0) return this.#end(new Disconnected(`nothing heard for ${limitMs} ms`));
      await this.#clock.sleep(leftMs, signal).catch(() => {});
    }
  }

  #closed(): Disconnected {
    const why = this.#trouble ? sentence(this.#trouble) : "it closed the connection";
    return new Disconnected(why, this.#trouble);
  }

  #end(reason: unknown, after: "writes" | "nothing" = "nothing"): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(reason);
    for (const reject of this.#waiting) reject(reason);
    this.#waiting.clear();
    dropClient(this.#client, after);
  }
}

/** The library only looks whether there is one; what a watch has to say comes as an event. */
const watchers = { once: () => {}, never: undefined };

function nodeOf(data: Buffer | undefined, stat: Stat): Node {
  const owner = stat.ephemeralOwner.readBigUInt64BE();
  return {
    value: data?.toString() ?? "",
    made: String(stat.czxid.readBigUInt64BE()),
    revision: String(stat.mzxid.readBigUInt64BE()),
    owner: owner === 0n ? undefined : owner,
    version: stat.version,
    children: stat.numChildren,
    childChanges: stat.cversion,
  };
}
