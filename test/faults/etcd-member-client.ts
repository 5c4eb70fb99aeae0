import type { Etcd3 } from "etcd3";
import { createEtcdDial } from "../../lib/keyspace/etcd/client.ts";
import { ReconnectingClient } from "../../lib/keyspace/etcd/reconnecting-client.ts";
import type { Access } from "../../lib/keyspace/schema.ts";
import { stretched } from "../support/process.ts";
import type { ServerMember } from "./member.ts";

type Work<T> = (client: Etcd3) => Promise<T>;

/** The time limit of a status call, in milliseconds. */
const statusMs = 500;

/** A client of one member. It keeps its connection until a call fails. */
export class MemberClient {
  readonly member: ServerMember;
  readonly #tls: boolean;
  #access: Access;
  #client: ReconnectingClient;

  constructor(member: ServerMember, tls: boolean, access: Access) {
    this.member = member;
    this.#tls = tls;
    this.#access = access;
    this.#client = this.#dial();
  }

  async call<T>(work: Work<T>, limitMs: number): Promise<T> {
    if (!this.member.awake) throw new Error(`${this.member.name} is not running`);
    try {
      return await this.#client.call(work, AbortSignal.timeout(limitMs));
    } catch (error) {
      this.logIn(this.#access);
      throw error;
    }
  }

  /** Uses this access from now on, over a new connection. */
  logIn(access: Access): void {
    this.close();
    this.#access = access;
    this.#client = this.#dial();
  }

  close(): void {
    this.#client.close();
  }

  #dial(): ReconnectingClient {
    const { name, endpoint } = this.member;
    const location = { kind: "etcd", endpoints: [endpoint], tls: this.#tls } as const;
    return new ReconnectingClient(
      createEtcdDial({ url: name, location, access: this.#access }, Math.random),
    );
  }
}

/** Clients of all members. The member that answered last is called first. */
export class MemberClients {
  #clients: readonly MemberClient[];

  constructor(clients: readonly MemberClient[]) {
    this.#clients = clients;
  }

  /** Calls one member after the other until one answers. The limit, in milliseconds, applies to each of them. */
  async call<T>(work: Work<T>, limitMs: number): Promise<T> {
    let failure: unknown;
    for (const client of this.#clients) {
      try {
        const answer = await client.call(work, limitMs);
        this.#clients = [client, ...this.#clients.filter((other) => other !== client)];
        return answer;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  logIn(access: Access): void {
    for (const client of this.#clients) client.logIn(access);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  /** The leader, as reported by itself and by a majority. */
  async leader(): Promise<ServerMember> {
    const statuses = await this.#statuses();
    const leads = (id: string) =>
      statuses.filter(({ leader }) => leader === id).length > this.#clients.length / 2;
    const found = statuses.find(({ id }) => leads(id));
    if (!found) throw new Error("no majority of the members reports the same leader");
    return found.member;
  }

  /** The members that report a leader. */
  async serving(): Promise<readonly ServerMember[]> {
    const statuses = await this.#statuses();
    return statuses.filter(({ leader }) => leader !== "0").map(({ member }) => member);
  }

  async #statuses(): Promise<readonly Status[]> {
    const statuses = this.#clients.map(async (client) => {
      const answer = client.call(({ maintenance }) => maintenance.status(), stretched(statusMs));
      const status = await answer.catch(() => undefined);
      if (!status) return [];
      return [{ member: client.member, id: status.header.member_id, leader: status.leader }];
    });
    return (await Promise.all(statuses)).flat();
  }
}

interface Status {
  readonly member: ServerMember;
  readonly id: string;
  /** The id of the leader; `0` if the member knows none. */
  readonly leader: string;
}
