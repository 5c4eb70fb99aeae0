import type { Etcd3 } from "etcd3";
import { createEtcdDial } from "../../lib/keyspace/etcd/client.ts";
import { ReconnectingClient } from "../../lib/keyspace/etcd/reconnecting-client.ts";
import type { Access } from "../../lib/keyspace/schema.ts";
import { stretched } from "../support/process.ts";
import type { ServerMember } from "./member.ts";

type Work<T> = (client: Etcd3) => Promise<T>;

/** How long a member may take to say who leads, in milliseconds. */
const statusMs = 500;

/** A connection to one member, kept from call to call until one fails. */
export class Line {
  readonly member: ServerMember;
  readonly #tls: boolean;
  #access: Access;
  #link: ReconnectingClient;

  constructor(member: ServerMember, tls: boolean, access: Access) {
    this.member = member;
    this.#tls = tls;
    this.#access = access;
    this.#link = this.#dial();
  }

  async call<T>(work: Work<T>, limitMs: number): Promise<T> {
    if (!this.member.awake) throw new Error(`${this.member.name} does not run`);
    try {
      return await this.#link.call(work, AbortSignal.timeout(limitMs));
    } catch (error) {
      this.logIn(this.#access);
      throw error;
    }
  }

  /** From here on over a new connection. */
  logIn(access: Access): void {
    this.close();
    this.#access = access;
    this.#link = this.#dial();
  }

  close(): void {
    this.#link.close();
  }

  #dial(): ReconnectingClient {
    const { name, endpoint } = this.member;
    const location = { kind: "etcd", endpoints: [endpoint], tls: this.#tls } as const;
    return new ReconnectingClient(
      createEtcdDial({ url: name, location, access: this.#access }, Math.random),
    );
  }
}

/** Lines to all members; the one that answered last is asked first. */
export class Lines {
  #lines: readonly Line[];

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  /** Asks one member after the other until one answers. The limit, in milliseconds, is for each of them. */
  async call<T>(work: Work<T>, limitMs: number): Promise<T> {
    let failure: unknown;
    for (const line of this.#lines) {
      try {
        const answer = await line.call(work, limitMs);
        this.#lines = [line, ...this.#lines.filter((other) => other !== line)];
        return answer;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  logIn(access: Access): void {
    for (const line of this.#lines) line.logIn(access);
  }

  close(): void {
    for (const line of this.#lines) line.close();
  }

  /** The member that leads by its own word and that of a majority. */
  async leader(): Promise<ServerMember> {
    const statuses = await this.#statuses();
    const leads = (id: string) =>
      statuses.filter(({ leader }) => leader === id).length > this.#lines.length / 2;
    const found = statuses.find(({ id }) => leads(id));
    if (!found) throw new Error("no member leads by the word of a majority");
    return found.member;
  }

  /** The members that have a leader, as they say themselves. */
  async serving(): Promise<readonly ServerMember[]> {
    const statuses = await this.#statuses();
    return statuses.filter(({ leader }) => leader !== "0").map(({ member }) => member);
  }

  async #statuses(): Promise<readonly Status[]> {
    const asked = this.#lines.map(async (line) => {
      const answer = line.call((client) => client.maintenance.status(), stretched(statusMs));
      const said = await answer.catch(() => undefined);
      return said ? [{ member: line.member, id: said.header.member_id, leader: said.leader }] : [];
    });
    return (await Promise.all(asked)).flat();
  }
}

interface Status {
  readonly member: ServerMember;
  readonly id: string;
  /** The id of the one that leads; `0` where the member knows none. */
  readonly leader: string;
}
