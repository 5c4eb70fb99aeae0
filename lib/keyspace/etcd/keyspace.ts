import type { Etcd3 } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import type { Batch, Entry } from "../../model/entry.ts";
import type { Keyspace, Past, Session, WatchAgain } from "../contract.ts";
import { createEtcdDial, type EtcdDial } from "./client.ts";
import { asFault } from "./errors.ts";
import { grant } from "./lease.ts";
import { pastOf } from "./past.ts";
import { ReconnectingClient } from "./reconnecting-client.ts";
import { EtcdSession } from "./session.ts";
import { listSlashless } from "./slashless.ts";
import type { EtcdTarget } from "./target.ts";
import { watch } from "./watch.ts";

/** A keyspace in etcd 3.4 or later, with leases as sessions. Each watch and each session has its own connection. */
export function createEtcdKeyspace(
  target: EtcdTarget,
  { clock, random }: { clock: Clock; random: () => number },
): Keyspace {
  return new EtcdKeyspace(target.url, createEtcdDial(target, random), clock);
}

class EtcdKeyspace implements Keyspace {
  readonly url: string;
  readonly #dial: EtcdDial;
  readonly #clock: Clock;
  readonly #sessions = new Set<EtcdSession>();

  constructor(url: string, dial: EtcdDial, clock: Clock) {
    this.url = url;
    this.#dial = dial;
    this.#clock = clock;
  }

  watch(
    prefixes: readonly string[],
    signal: AbortSignal,
    again?: WatchAgain,
  ): AsyncIterable<Batch> {
    return watch({ url: this.url, dial: this.#dial, clock: this.#clock }, prefixes, signal, again);
  }

  async listSlashless(folder: string, signal: AbortSignal): Promise<ReadonlyMap<string, Entry>> {
    let client: Etcd3 | undefined;
    try {
      client = await this.#dial(signal);
      return await listSlashless(client, folder, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw asFault(error, this.url, `read ${folder || "all keys"}`);
    } finally {
      client?.close();
    }
  }

  at(revision: string): Past {
    return pastOf(this.url, this.#dial, revision);
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    const [clock, client] = [this.#clock, new ReconnectingClient(this.#dial)];
    const onClosed = (session: EtcdSession) => this.#sessions.delete(session);
    try {
      const lease = await client.call((etcd) => grant(etcd, ttlMs), signal);
      const session = new EtcdSession({ url: this.url, client, lease, clock, onClosed });
      this.#sessions.add(session);
      return session;
    } catch (error) {
      client.close();
      signal.throwIfAborted();
      throw asFault(error, this.url, "open a session");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.abandon()));
  }
}
