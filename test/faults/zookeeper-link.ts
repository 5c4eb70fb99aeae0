import { systemClock } from "../../lib/base/clock.ts";
import { abortable } from "../../lib/base/signal.ts";
import { type Connection, connect } from "../../lib/keyspace/zookeeper/connection.ts";
import { isExpired } from "../../lib/keyspace/zookeeper/errors.ts";
import { stretched } from "../support/process.ts";
import type { ServerMember } from "./member.ts";
import { leaderOf } from "./zookeeper-leader.ts";

/** How long the session lives without a connection, in milliseconds. */
const sessionMs = 60_000;

/** How long connecting to one member may take, in milliseconds. */
const connectMs = 1000;

/** A connection to the member that leads, kept from call to call; one session goes on over all of them. */
export class LeaderLink {
  readonly #members: readonly ServerMember[];
  #line: Line | undefined;
  #dialling: Promise<Line> | undefined;
  #session: Connection["session"] | undefined;
  /** The sessions that this link has or had, in hexadecimal digits. */
  readonly sessions = new Set<string>();

  constructor(members: readonly ServerMember[]) {
    this.#members = members;
  }

  /**
   * Rejects where the member that did the work does not lead by then: what it said may be old. A second
   * attempt is for a connection, or a session, of which one did not know that it had ended.
   */
  async call<T>(work: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.#try(work, signal);
    } catch {
      return await this.#try(work, signal);
    }
  }

  close(): void {
    this.#line?.connection.drop();
  }

  async #try<T>(work: (connection: Connection) => Promise<T>, signal: AbortSignal): Promise<T> {
    this.#dialling ??= this.#dial(signal).finally(() => {
      this.#dialling = undefined;
    });
    const { member, connection } = await abortable(this.#dialling, signal);
    try {
      const answer = await abortable(work(connection), signal);
      if (this.#members.length > 1) await this.#mustLead(member, signal);
      return answer;
    } catch (error) {
      connection.drop();
      throw error;
    }
  }

  /** The connection that there is, or a new one where it has ended. */
  async #dial(signal: AbortSignal): Promise<Line> {
    const line = this.#line;
    if (line?.member.awake && !line.connection.ended.aborted) return line;
    line?.connection.drop();
    const member = await abortable(leaderOf(this.#members), signal);
    this.#line = { member, connection: await this.#connect(member.endpoint, signal) };
    return this.#line;
  }

  async #mustLead(member: ServerMember, signal: AbortSignal): Promise<void> {
    const leader = await abortable(leaderOf(this.#members), signal);
    if (leader !== member) throw new Error(`${member.name} leads no more: ${leader.name} does`);
  }

  async #connect(endpoint: string, signal: AbortSignal): Promise<Connection> {
    const [host = "", port] = endpoint.split(":");
    const where = { host, port: Number(port) };
    try {
      const how = { sessionMs, resumed: this.#session, limitMs: stretched(connectMs) };
      const connection = await connect({ ...where, ...how }, systemClock, signal);
      this.#session = connection.session;
      this.sessions.add(this.#session.owner.toString(16));
      return connection;
    } catch (error) {
      if (isExpired(error)) this.#session = undefined;
      throw error;
    }
  }
}

interface Line {
  readonly member: ServerMember;
  readonly connection: Connection;
}
