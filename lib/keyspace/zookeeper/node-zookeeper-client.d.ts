/** Types of the library, which has none: the API in use, and the internals that `library.ts` accesses. */
declare module "node-zookeeper-client" {
  import type { Socket } from "node:net";

  type Done<T> = (error: unknown, value: T) => void;

  export interface Stat {
    /** The transaction that created the node, in eight bytes like the other Buffers. */
    readonly czxid: Buffer;
    /** The transaction that last wrote the data. */
    readonly mzxid: Buffer;
    /** The session of an ephemeral node; zero for a persistent one. */
    readonly ephemeralOwner: Buffer;
    readonly version: number;
    readonly numChildren: number;
    readonly cversion: number;
  }

  export interface Transaction {
    readonly ops: { version: number }[];
    remove(path: string): Transaction;
    setData(path: string, data: Buffer, version: number): Transaction;
    create(path: string, data: Buffer, acls: readonly ACL[], mode: number): Transaction;
    commit(done: (error: unknown) => void): void;
    commit(done: (error: unknown, results: readonly { path?: string }[]) => void): void;
  }

  export interface Client {
    readonly connectionManager: ConnectionManager;
    connect(): void;
    addAuthInfo(scheme: string, auth: Buffer): void;
    create(
      path: string,
      data: Buffer,
      acls: readonly ACL[],
      mode: number,
      done: Done<string>,
    ): void;
    setData(path: string, data: Buffer, version: number, done: Done<Stat>): void;
    remove(path: string, version: number, done: (error: unknown) => void): void;
    exists(path: string, watcher: Watcher | undefined, done: Done<Stat | null>): void;
    getData(
      path: string,
      done: (error: unknown, data: Buffer | undefined, stat: Stat) => void,
    ): void;
    getData(
      path: string,
      watcher: Watcher | undefined,
      done: (error: unknown, data: Buffer | undefined, stat: Stat) => void,
    ): void;
    getChildren(path: string, done: Done<string[]>): void;
    getChildren(path: string, watcher: Watcher | undefined, done: Done<string[]>): void;
    transaction(): Transaction;
  }

  type Watcher = () => void;

  interface Request {
    readonly header: { type: number; xid: number };
    toBuffer(): Buffer;
  }

  interface Event {
    readonly type: number;
    readonly path: string;
  }

  interface ConnectionManager {
    socket: Socket;
    readonly sessionId: Buffer;
    readonly sessionPassword: Buffer;
    readonly sessionTimeout: number;
    readonly zxid: Buffer;
    readonly watcherManager: { emit: (event: Event) => void };
    xid: number;
    pingTimeout: number;
    connect: () => void;
    setState(state: number): void;
    updateTimeout: (sessionMs: number) => void;
    onSocketConnected(): void;
    onSocketData: (chunk: Buffer) => void;
    onSocketDrain(): void;
    onSocketClosed(failed: boolean): void;
    registerDataWatcher: () => void;
    registerChildWatcher: () => void;
    registerExistenceWatcher: () => void;
    queue: (request: Request, done?: (error: unknown) => void) => void;
    on(name: "state", listener: (state: number) => void): void;
  }

  export interface Options {
    readonly sessionTimeout: number;
    readonly sessionId?: Buffer;
    readonly sessionPassword?: Buffer;
  }

  export function createClient(servers: string, options: Options): Client;

  export interface ACL {
    readonly permission: number;
  }
  export const ACL: {
    readonly OPEN_ACL_UNSAFE: readonly ACL[];
    readonly CREATOR_ALL_ACL: readonly ACL[];
    readonly READ_ACL_UNSAFE: readonly ACL[];
  };
  export const CreateMode: {
    readonly PERSISTENT: number;
    readonly EPHEMERAL: number;
    readonly EPHEMERAL_SEQUENTIAL: number;
    readonly PERSISTENT_SEQUENTIAL: number;
  };

  export interface Exception extends Error {
    code: number;
  }
  export const Exception: {
    new (): Exception;
    create: (code: number) => Exception;
    readonly SYSTEM_ERROR: number;
    readonly CONNECTION_LOSS: number;
    readonly UNIMPLEMENTED: number;
    readonly NO_NODE: number;
    readonly NO_AUTH: number;
    readonly NO_CHILDREN_FOR_EPHEMERALS: number;
    readonly NODE_EXISTS: number;
    readonly NOT_EMPTY: number;
    readonly BAD_VERSION: number;
    readonly SESSION_EXPIRED: number;
    readonly AUTH_FAILED: number;
  };
}
