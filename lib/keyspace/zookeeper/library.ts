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

/** A session of ZooKeeper as a connection can go on with it. */
export interface Resumed {
  readonly id: Buffer;
  readonly password: Buffer;
}

export interface Opening {
  readonly host: string;
  readonly port: number;
  /** For TLS; without, there is none. */
  readonly credentials?: Credentials | undefined;
  /** The session's time to live that is asked for. */
  readonly sessionMs: number;
  readonly resumed?: Resumed | undefined;
  /** `user:password` */
  readonly login?: string | undefined;
  /** A connection is pinged this often, or more often where the session is short. */
  readonly pingMs: number;
  readonly clock: Clock;
}

/** What an event says of a node: that its data or the node itself, or the names right below it, have changed. */
export type Changed = "data" | "children";

/** What a client tells as it happens. */
export interface Told {
  heard(): void;
  event(path: string, what: Changed): void;
  trouble(error: Error): void;
  connected(): void;
  ended(how: "disconnected" | "expired" | "denied"): void;
}

const states = { disconnected: 0, connecting: 1, connected: 2, expired: -3, denied: -4 };

/** Operations of ZooKeeper that the library does not know, does by itself, or of which it does not tell the answer. */
const operations = { sync: 9, ping: 11, setWatches: 101, addWatch: 106, closeSession: -11 };

/** The type of an event that tells of a node's children. */
const childrenChanged = 4;

/**
 * One client of the library for one connection: it is never used again after that. All that is touched
 * inside the library is touched in this file.
 */
export function openClient(opening: Opening, told: Told): Client {
  const { sessionMs, resumed, login, pingMs, clock } = opening;
  const client = createClient("unused:1", {
    sessionTimeout: sessionMs,
    ...(resumed && { sessionId: resumed.id, sessionPassword: resumed.password }),
  });
  const inside = client.connectionManager;

  // It knows no TLS, would take the first colon of an IPv6 address for that of a port, and its limit on
  // connecting ends before the handshake. And it would connect again by itself, without auth before the
  // requests that wait.
  inside.connect = () => {
    inside.connect = () => {};
    dial(inside, opening, told);
  };

  // It parses one frame per call and recurses for the next, over a copy of all that is left.
  const frames = new Frames();
  const parse = inside.onSocketData;
  // And it pings only when a connection is idle, which one that receives events all the time never is: but ZooKeeper
  // ends a session from which nothing comes for its time to live.
  let pingedMs = clock.now();
  inside.onSocketData = (chunk) => {
    told.heard();
    if (clock.now() - pingedMs >= inside.pingTimeout) {
      pingedMs = clock.now();
      ping(client);
    }
    for (const frame of frames.take(chunk)) {
      if (inside.socket.destroyed) return;
      parse.call(inside, frame);
    }
  };

  // It pings three times in a session, so that a silent network is noticed only after most of a long one.
  const updateTimeout = inside.updateTimeout;
  inside.updateTimeout = (ms) => {
    updateTimeout.call(inside, ms);
    inside.pingTimeout = Math.min(inside.pingTimeout, pingMs);
  };

  // It counts requests beyond what four bytes hold, and from then on every call throws.
  const queue = inside.queue;
  inside.queue = (request, done) => {
    if (inside.xid > 0x7fff_fff0) inside.xid = 1;
    queue.call(inside, request, done);
  };

  // It throws at types of events that it does not know, and knows nothing of watches that persist.
  inside.watcherManager.emit = ({ path, type }) =>
    told.event(path, type === childrenChanged ? "children" : "data");

  // It has an emitter for each node that is watched, to set the watch again on another connection.
  inside.registerDataWatcher = () => {};
  inside.registerChildWatcher = () => {};
  inside.registerExistenceWatcher = () => {};

  inside.on("state", (state) => {
    if (state === states.connected) told.connected();
    if (state === states.disconnected) told.ended("disconnected");
    if (state === states.expired) told.ended("expired");
    if (state === states.denied) told.ended("denied");
  });

  // What is known before it connects goes out before any request.
  if (login !== undefined) client.addAuthInfo("digest", Buffer.from(login));
  client.connect();
  return client;
}

function dial(inside: Client["connectionManager"], opening: Opening, told: Told): void {
  const { host, port, credentials } = opening;
  // A server chooses its certificate by a name; an address must not be given as one.
  const name = isIP(host) ? {} : { servername: host };
  const socket = credentials
    ? connectSecurely({ host, port, ...name, ...credentials })
    : connect({ host, port });
  inside.setState(states.connecting);
  inside.socket = socket;
  socket.setNoDelay();
  socket.on(credentials ? "secureConnect" : "connect", () => inside.onSocketConnected());
  socket.on("data", (chunk) => inside.onSocketData(chunk));
  socket.on("drain", () => inside.onSocketDrain());
  socket.on("close", (failed) => inside.onSocketClosed(failed));
  socket.on("error", told.trouble);
}

/** Ends the connection, whatever is under way; `after` what has been written is sent. */
export function dropClient({ connectionManager }: Client, after: "writes" | "nothing"): void {
  if (after === "writes") connectionManager.socket.destroySoon();
  else connectionManager.socket.destroy();
}

/** Has the server catch up with all that had been written when it was asked; the library has no such call. */
export function sync(client: Client, done: (error: unknown) => void): void {
  request(client, operations.setWatches, operations.sync, textOf("/"), done);
}

/** Watches a node and all below it until the connection ends; the library has no such call. */
export function addWatch(client: Client, path: string, done: (error: unknown) => void): void {
  const body = Buffer.concat([textOf(path), recursive]);
  request(client, operations.setWatches, operations.addWatch, body, done);
}

const recursive = Buffer.from([0, 0, 0, 1]);

/** Adds the removal of a node to a transaction; the library's own way takes version 0 for any version. */
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

/** Ends the session and waits for the answer, which the library's own way of closing does not tell of. */
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

/** Sends an operation under a type by which the library takes the answer for an empty one. */
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

// It throws at codes that it does not know (a quota that is exceeded, for one), where nobody can catch it.
const known = Exception.create;
Exception.create = (code) => {
  try {
    return known(code);
  } catch {
    const error = known(Exception.SYSTEM_ERROR);
    return Object.assign(error, { code, message: `ZooKeeper's error code ${code}` });
  }
};
