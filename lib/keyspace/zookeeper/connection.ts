import { ACL, type Client, CreateMode, Exception, type Stat } from "node-zookeeper-client";
import type { Clock } from "../../base/clock.ts";
import { sentence } from "../../base/fault.ts";
import { abortable } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import { Disconnected } from "./errors.ts";
import {
  addWatch,
  type ChangeKind,
  type ClientOptions,
  closeSession,
  dropClient,
  openClient,
  removeAtVersion,
  type SessionHandle,
  sync,
} from "./library.ts";
import { type Node, type NodeVersion, nodeOf } from "./node.ts";

export interface ConnectOptions extends Omit<ClientOptions, "pingMs" | "clock"> {
  /** How long connecting may take, in milliseconds. */
  readonly limitMs: number;
  /** Called with the path of each node for which a watch reports a change. */
  readonly onChange?: (path: string, kind: ChangeKind) => void;
}

/** Whether a read also sets a watch, which calls `onChange` for the next change, and only for that one. */
export type WatchMode = "once" | "never";

/** The interval of pings on an idle connection, in milliseconds. */
const pingMs = 2000;

/** A connection on which nothing is received for so long has ended, in milliseconds. */
const silentMs = 6000;

/** Connects, and resolves once ZooKeeper has opened or resumed a session. Throws Disconnected after `limitMs`. */
export async function connect(
  options: ConnectOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const { limitMs } = options;
  const connection = new Connection(options, clock);
  const onTimeout = () => {
    throw new Disconnected(`no answer within ${limitMs} ms`);
  };
  try {
    await withTimeout(limitMs, (s) => abortable(connection.ready, s), onTimeout, clock, signal);
    return connection;
  } catch (error) {
    connection.drop();
    throw error;
  }
}

/**
 * One connection, which does not reconnect: at its end, all requests in flight fail. Calls reject with the library's
 * Exception, or with the reason of `ended`.
 */
export class Connection {
  readonly ready: Promise<void>;
  readonly login: string | undefined;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #acl: readonly ACL[];
  readonly #ended = new AbortController();
  /** The functions that reject the requests in flight. */
  readonly #inFlight = new Set<(reason: unknown) => void>();
  #heardMs: number;
  #socketError: Error | undefined;

  constructor(options: ConnectOptions, clock: Clock) {
    this.#clock = clock;
    this.#heardMs = clock.now();
    this.login = options.login;
    this.#acl = options.login
      ? [...ACL.CREATOR_ALL_ACL, ...ACL.READ_ACL_UNSAFE]
      : ACL.OPEN_ACL_UNSAFE;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#inFlight.add(reject);
    this.#client = openClient(
      { ...options, pingMs, clock },
      {
        heard: () => {
          this.#heardMs = clock.now();
        },
        event: (path, kind) => options.onChange?.(path, kind),
        error: (error) => {
          this.#socketError = error;
        },
        connected: () => {
          this.#inFlight.delete(reject);
          resolve();
          void this.#endWhenSilent();
        },
        ended: (cause) => {
          const code = cause === "expired" ? Exception.SESSION_EXPIRED : Exception.AUTH_FAILED;
          this.#end(cause === "disconnected" ? this.#disconnected() : Exception.create(code));
        },
      },
    );
  }

  /** Aborts when the connection ends; the reason is a Disconnected, or an Exception for the end of the session. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** The session, for another connection to resume. */
  get session(): SessionHandle & { readonly ttlMs: number; readonly owner: bigint } {
    const { sessionId, sessionPassword, sessionTimeout } = this.#client.connectionManager;
    const id = Buffer.from(sessionId);
    const password = Buffer.from(sessionPassword);
    return { id, password, ttlMs: sessionTimeout, owner: id.readBigUInt64BE() };
  }

  /** The last transaction of the server as of its last answer. */
  get revision(): string {
    return String(this.#client.connectionManager.zxid.readBigUInt64BE());
  }

  /** Creates an ephemeral node. */
  async create(path: string, value: Buffer): Promise<void> {
    await this.#request((done) =>
      this.#client.create(path, value, this.#acl, CreateMode.EPHEMERAL, done),
    );
  }

  /** Creates a node that no session owns. */
  async createPersistent(path: string, value: Buffer): Promise<void> {
    await this.#request((done) =>
      this.#client.create(path, value, this.#acl, CreateMode.PERSISTENT, done),
    );
  }

  /**
   * Creates an ephemeral node with the name `path` and a number, or a persistent one, removes the `replaced` ones in the same
   * transaction, and resolves with the path of the new one. Watchers receive the new node before the removals.
   */
  async createNumbered(
    path: string,
    value: Buffer,
    replaced: readonly NodeVersion[],
    isPersistent = false,
  ): Promise<string> {
    const transaction = this.#client.transaction();
    const mode = isPersistent ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.EPHEMERAL_SEQUENTIAL;
    transaction.create(path, value, this.#acl, mode);
    for (const other of replaced) removeAtVersion(transaction, other.path, other.version);
    const results = await this.#request<readonly { path?: string }[]>((done) =>
      transaction.commit(done),
    );
    return results[0]?.path ?? path;
  }

  /** Creates a persistent node without data. */
  async createFolder(path: string): Promise<void> {
    const empty = Buffer.alloc(0);
    await this.#request((done) =>
      this.#client.create(path, empty, this.#acl, CreateMode.PERSISTENT, done),
    );
  }

  /**
   * Replaces a node with an ephemeral one of this session, or with a persistent one, in one transaction, so that no reader finds
   * it missing.
   */
  async replace(path: string, value: Buffer, version: number, isPersistent = false): Promise<void> {
    const transaction = removeAtVersion(this.#client.transaction(), path, version);
    const mode = isPersistent ? CreateMode.PERSISTENT : CreateMode.EPHEMERAL;
    transaction.create(path, value, this.#acl, mode);
    // A new node begins with version 0: another client that is about to replace the former node must not find its version.
    if (version === 0) transaction.setData(path, value, -1);
    await this.#request((done) => transaction.commit((error) => done(error)));
  }

  async setData(path: string, value: Buffer, version: number): Promise<void> {
    await this.#request((done) => this.#client.setData(path, value, version, done));
  }

  async remove(path: string, version: number): Promise<void> {
    await this.#request((done) => this.#client.remove(path, version, (error) => done(error)));
  }

  /** The node without its data; undefined if it does not exist, which can be watched as well. */
  async stat(
    path: string,
    watchMode: WatchMode = "never",
  ): Promise<Omit<Node, "value"> | undefined> {
    const stat = await this.#request<Stat | null>((done) =>
      this.#client.exists(path, watchers[watchMode], done),
    );
    return stat ? nodeOf(undefined, stat) : undefined;
  }

  async read(path: string, watchMode: WatchMode = "never"): Promise<Node> {
    return await this.#request<Node>((done) =>
      this.#client.getData(path, watchers[watchMode], (error, data, stat) =>
        error ? done(error) : done(undefined, nodeOf(data, stat)),
      ),
    );
  }

  /** The names of the children. */
  async children(path: string, watchMode: WatchMode = "never"): Promise<readonly string[]> {
    return (
      (await this.#request<string[]>((done) =>
        this.#client.getChildren(path, watchers[watchMode], (error, names) => done(error, names)),
      )) ?? []
    );
  }

  /** Lets the server catch up: later reads are no older than the data that any server had when this was called. */
  async sync(): Promise<void> {
    await this.#request((done) => sync(this.#client, done));
  }

  /** Sets a persistent recursive watch: `onChange` is called for all changes at and below the path, existing or not. */
  async watch(path: string): Promise<void> {
    await this.#request((done) => addWatch(this.#client, path, done));
  }

  /** Ends the session and removes its ephemeral nodes. */
  async closeSession(): Promise<void> {
    await this.#request((done) => closeSession(this.#client, done));
    this.drop();
  }

  /** Ends the session without waiting for the answer. */
  closeNow(): void {
    if (!this.#ended.signal.aborted) closeSession(this.#client, () => {});
    this.#end(new Disconnected("the connection was closed"), "writes");
  }

  /** Ends the connection; the session stays until it is resumed or expires. */
  drop(): void {
    this.#end(new Disconnected("the connection was dropped"));
  }

  #request<T>(call: (done: (error: unknown, value?: T) => void) => void): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (this.#ended.signal.aborted) {
      reject(this.#ended.signal.reason);
      return promise;
    }
    this.#inFlight.add(reject);
    call((error, value) => {
      this.#inFlight.delete(reject);
      if (error) reject(error);
      else resolve(value as T);
    });
    return promise;
  }

  /** Ends the connection if the server freezes or the network drops all packets: the library does not notice that. */
  async #endWhenSilent(): Promise<void> {
    const limitMs = Math.min(silentMs, (this.session.ttlMs * 2) / 3);
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const leftMs = this.#heardMs + limitMs - this.#clock.now();
      if (leftMs <= 0) return this.#end(new Disconnected(`nothing received for ${limitMs} ms`));
      await this.#clock.sleep(leftMs, signal).catch(() => {});
    }
  }

  #disconnected(): Disconnected {
    const why = this.#socketError ? sentence(this.#socketError) : "ZooKeeper closed the connection";
    return new Disconnected(why, this.#socketError);
  }

  #end(reason: unknown, after: "writes" | "nothing" = "nothing"): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(reason);
    for (const reject of this.#inFlight) reject(reason);
    this.#inFlight.clear();
    dropClient(this.#client, after);
  }
}

/** The library only checks whether there is a watcher; the changes arrive as events. */
const watchers = { once: () => {}, never: undefined };
