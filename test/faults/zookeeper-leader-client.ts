import { systemClock } from "../../lib/base/clock.ts";
import { abortable } from "../../lib/base/signal.ts";
import { type Connection, connect } from "../../lib/keyspace/zookeeper/connection.ts";
import { isExpired } from "../../lib/keyspace/zookeeper/errors.ts";
import { stretched } from "../support/process.ts";
import type { ServerMember } from "./member.ts";
import { leaderOf } from "./zookeeper-leader.ts";

/** The session timeout, in milliseconds. */
const sessionMs = 60_000;

/** The time limit of a connection attempt, in milliseconds. */
const connectMs = 1000;

/** A client of the leader. It keeps its connection from call to call, and one session across all connections. */
export class LeaderClient {
  readonly #members: readonly ServerMember[];
  #connected: Connected | undefined;
  #connecting: Promise<Connected> | undefined;
  #session: Connection["session"] | undefined;
  /** The ids of all its sessions so far, in hexadecimal digits. */
  readonly sessions = new Set<string>();

  constructor(members: readonly ServerMember[]) {
    this.#members = members;
  }

  /**
   * Rejects if the member is no longer the leader when the work is done: its answer may be stale. The second attempt
   * is for a connection or session that had ended unnoticed.
   */
  async call<T>(work: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.#try(work, signal);
    } catch {
      return await this.#try(work, signal);
    }
  }

  close(): void {
    this.#connected?.connection.drop();
  }

  async #try<T>(work: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    this.#connecting ??= this.#ensureConnected(signal).finally(() => {
      this.#connecting = undefined;
    });
    const { member, connection } = await abortable(this.#connecting, signal);
    try {
      const answer = await abortable(work(connection), signal);
      if (this.#members.length > 1) await this.#assertLeads(member, signal);
      return answer;
    } catch (error) {
      connection.drop();
      throw error;
    }
  }

  /** The current connection, or a new one if it has ended. */
  async #ensureConnected(signal: AbortSignal): Promise<Connected> {
    const current = this.#connected;
    if (current?.member.awake && !current.connection.ended.aborted) return current;
    current?.connection.drop();
    const member = await abortable(leaderOf(this.#members), signal);
    this.#connected = { member, connection: await this.#connect(member.endpoint, signal) };
    return this.#connected;
  }

  async #assertLeads(member: ServerMember, signal: AbortSignal): Promise<void> {
    const leader = await abortable(leaderOf(this.#members), signal);
    if (leader !== member) throw new Error(`${leader.name} leads instead of ${member.name}`);
  }

  async #connect(endpoint: string, signal: AbortSignal): Promise<Connection> {
    const [host = "", port] = endpoint.split(":");
    const address = { host, port: Number(port) };
    try {
      const session = { sessionMs, resumed: this.#session, limitMs: stretched(connectMs) };
      const connection = await connect({ ...address, ...session }, systemClock, signal);
      this.#session = connection.session;
      this.sessions.add(this.#session.owner.toString(16));
      return connection;
    } catch (error) {
      if (isExpired(error)) this.#session = undefined;
      throw error;
    }
  }
}

interface Connected {
  readonly member: ServerMember;
  readonly connection: Connection;
}
