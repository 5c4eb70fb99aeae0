import { connect, isIP } from "node:net";
import { connect as connectSecurely } from "node:tls";
import {
  type Client,
  createClient,
  Exception,
  type Request,
  type Transaction,
} from "node-zookeeper-client";
import type { Clock } from "../../base/clock.ts";
import type { Credentials } from "../access.ts";
import { Frames } from "./frames.ts";

/** The id and password with which another connection resumes a session. */
export interface SessionHandle {
  readonly id: Buffer;
  readonly password: Buffer;
}

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** Connects with TLS if set. */
  readonly credentials?: Credentials | undefined;
  /** The requested TTL of the session, in milliseconds. */
  readonly sessionMs: number;
  readonly resumed?: SessionHandle | undefined;
  /** `user:password` */
  readonly login?: string | undefined;
  /** The interval of pings on an idle connection, in milliseconds; shorter for a session with a short TTL. */
  readonly pingMs: number;
  readonly clock: Clock;
}

/** What an event reports about a node: a change of the node or its data, or of the names of its children. */
export type ChangeKind = "data" | "children";

/** Called by a client. */
export interface ClientEvents {
  /** Something was received. */
  heard(): void;
  event(path: string, kind: ChangeKind): void;
  /** The socket failed; `ended` follows. */
  error(error: Error): void;
  connected(): void;
  ended(cause: "disconnected" | "expired" | "denied"): void;
}

const states = { disconnected: 0, connecting: 1, connected: 2, expired: -3, denied: -4 };

/** Operations of ZooKeeper that the library does not know, does by itself, or of which it does not tell the answer. */
const operations = { sync: 9, ping: 11, setWatches: 101, addWatch: 106, closeSession: -11 };

/** The type of an event for a change of a node's children. */
const childrenChanged = 4;

/**
 * Creates a client of the library for one connection, after which it is not used again. All access to internals of the
 * library is in this file.
 */
export function openClient(options: ClientOptions, events: ClientEvents): Client {
  const { sessionMs, resumed, login } = options;
  const client = createClient("unused:1", {
    sessionTimeout: sessionMs,
    ...(resumed && { sessionId: resumed.id, sessionPassword: resumed.password }),
  });
  const manager = client.connectionManager;
  patchConnection(client, options, events);
  patchWatches(manager, events);
  manager.on("state", (state) => {
    if (state === states.connected) events.connected();
    if (state === states.disconnected) events.ended("disconnected");
    if (state === states.expired) events.ended("expired");
    if (state === states.denied) events.ended("denied");
  });
  // Auth info that is added before connecting is sent before any request.
  if (login !== undefined) client.addAuthInfo("digest", Buffer.from(login));
  client.connect();
  return client;
}

type ConnectionManager = Client["connectionManager"];

function patchConnection(client: Client, options: ClientOptions, events: ClientEvents): void {
  const manager = client.connectionManager;
  // The library does not support TLS, parses the first colon of an IPv6 address as that of the port, and its connect
  // timeout ends before the handshake. It would also reconnect by itself, and send waiting requests before the login.
  manager.connect = () => {
    manager.connect = () => {};
    dial(manager, options, events);
  };

  // The library parses one frame per call and recurses for the next, over a copy of the remaining bytes.
  const frames = new Frames();
  const parse = manager.onSocketData;
  // The library pings only when a connection is idle. One on which events keep arriving is not, and ZooKeeper expires a
  // session from which it receives nothing for the TTL.
  let pingedMs = options.clock.now();
  manager.onSocketData = (chunk) => {
    events.heard();
    if (options.clock.now() - pingedMs >= manager.pingTimeout) {
      pingedMs = options.clock.now();
      ping(client);
    }
    for (const frame of frames.take(chunk)) {
      if (manager.socket.destroyed) return;
      parse.call(manager, frame);
    }
  };

  // The library pings three times per TTL: with a long TTL, a silent network would be noticed too late.
  const updateTimeout = manager.updateTimeout;
  manager.updateTimeout = (ms) => {
    updateTimeout.call(manager, ms);
    manager.pingTimeout = Math.min(manager.pingTimeout, options.pingMs);
  };

  // The library counts requests beyond 32 bits, and from then on every call throws.
  const queue = manager.queue;
  manager.queue = (request, done) => {
    if (manager.xid > 0x7fff_fff0) manager.xid = 1;
    queue.call(manager, request, done);
  };
}

function patchWatches(manager: ConnectionManager, events: ClientEvents): void {
  // The library throws at unknown types of events, and does not support persistent watches.
  manager.watcherManager.emit = ({ path, type }) =>
    events.event(path, type === childrenChanged ? "children" : "data");

  // The library keeps an emitter for each watched node, to set the watch again after a reconnect.
  manager.registerDataWatcher = () => {};
  manager.registerChildWatcher = () => {};
  manager.registerExistenceWatcher = () => {};
}

function dial(manager: ConnectionManager, options: ClientOptions, events: ClientEvents): void {
  const { host, port, credentials } = options;
  // The server name for SNI; TLS does not allow an IP address there.
  const name = isIP(host) ? {} : { servername: host };
  const socket = credentials
    ? connectSecurely({ host, port, ...name, ...credentials })
    : connect({ host, port });
  manager.setState(states.connecting);
  manager.socket = socket;
  socket.setNoDelay();
  socket.on(credentials ? "secureConnect" : "connect", () => manager.onSocketConnected());
  socket.on("data", (chunk) => manager.onSocketData(chunk));
  socket.on("drain", () => manager.onSocketDrain());
  socket.on("close", (failed) => manager.onSocketClosed(failed));
  socket.on("error", events.error);
}

/** Ends the connection: after the pending writes have been sent, or at once. */
export function dropClient({ connectionManager }: Client, after: "writes" | "nothing"): void {
  if (after === "writes") connectionManager.socket.destroySoon();
  else connectionManager.socket.destroy();
}

/** Lets the server catch up with all writes before this call. The library does not support it. */
export function sync(client: Client, done: (error: unknown) => void): void {
  request(client, operations.setWatches, operations.sync, textOf("/"), done);
}

/** Sets a persistent recursive watch, for as long as the connection lasts. The library does not support it. */
export function addWatch(client: Client, path: string, done: (error: unknown) => void): void {
  const body = Buffer.concat([textOf(path), recursive]);
  request(client, operations.setWatches, operations.addWatch, body, done);
}

const recursive = Buffer.from([0, 0, 0, 1]);

/** Adds the removal of a node to a transaction. The library's own method takes version 0 as any version. */
export function removeAtVersion(
  transaction: Transaction,
  path: string,
  version: number,
): Transaction {
  transaction.remove(path);
  const operation = transaction.ops.at(-1);
  if (operation) operation.version = version;
  return transaction;
}

/** Ends the session and waits for the answer, for which the library's own method has no callback. */
export function closeSession(client: Client, done: (error: unknown) => void): void {
  request(client, operations.closeSession, operations.closeSession, Buffer.alloc(0), done);
}

/** Keeps the session alive. */
function ping({ connectionManager }: Client): void {
  const header = { type: operations.ping, xid: -2 };
  connectionManager.queue({ header, toBuffer: () => pingFrame });
}

const pingFrame = Buffer.from([0, 0, 0, 8, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, operations.ping]);

function textOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Sends an operation under a `type` for which the library expects an empty answer. */
function request(
  { connectionManager }: Client,
  type: number,
  operation: number,
  body: Buffer,
  done: (error: unknown) => void,
): void {
  const request: Request = {
    header: { type, xid: 0 },
    toBuffer() {
      const head = Buffer.alloc(12);
      head.writeInt32BE(8 + body.length, 0);
      head.writeInt32BE(this.header.xid, 4);
      head.writeInt32BE(operation, 8);
      return Buffer.concat([head, body]);
    },
  };
  connectionManager.queue(request, done);
}

// The library throws at unknown error codes (an exceeded quota, for example), where no caller can catch it.
const createKnown = Exception.create;
Exception.create = (code) => {
  try {
    return createKnown(code);
  } catch {
    const error = createKnown(Exception.SYSTEM_ERROR);
    return Object.assign(error, { code, message: `ZooKeeper error code ${code}` });
  }
};
