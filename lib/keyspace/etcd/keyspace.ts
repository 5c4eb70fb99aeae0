import type { Clock } from "../../base/clock.ts";
import type { Batch } from "../../model/entry.ts";
import type { Keyspace, Session } from "../contract.ts";
import { dialling, type EtcdDial } from "./client.ts";
import { asFault } from "./errors.ts";
import { grant } from "./lease.ts";
import { ReconnectingClient } from "./reconnecting-client.ts";
import { EtcdSession } from "./session.ts";
import type { EtcdTarget } from "./target.ts";
import { watch } from "./watch.ts";

/** Keeps entries in etcd 3.4 or later, on a lease. Each watch and each session has a connection of its own. */
export function createEtcdKeyspace(
  target: EtcdTarget,
  { clock, random }: { clock: Clock; random: () => number },
): Keyspace {
  return new EtcdKeyspace(target.url, dialling(target, random), clock);
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

  watch(prefixes: readonly string[], signal: AbortSignal): AsyncIterable<Batch> {
    return watch({ url: this.url, dial: this.#dial, clock: this.#clock }, prefixes, signal);
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    const [clock, link] = [this.#clock, new ReconnectingClient(this.#dial)];
    const forget = (session: EtcdSession) => this.#sessions.delete(session);
    try {
      const lease = await link.call((client) => grant(client, ttlMs), signal);
      const session = new EtcdSession({ url: this.url, link, lease, clock, forget });
      this.#sessions.add(session);
      return session;
    } catch (error) {
      link.close();
      signal.throwIfAborted();
      throw asFault(error, this.url, "open a session");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.abandon()));
  }
}
