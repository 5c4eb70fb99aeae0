import type { Etcd3 } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import type { Batch, Entry } from "../../model/entry.ts";
import type { Keyspace, Past, Session, WatchAgain } from "../contract.ts";
import { createEtcdDial } from "./client.ts";
import { asFault } from "./errors.ts";
import { grant } from "./lease.ts";
import { pastOf } from "./past.ts";
import { ReconnectingClient } from "./reconnecting-client.ts";
import { EtcdSession } from "./session.ts";
import { listSlashless } from "./slashless.ts";
import { asTheyAre, withoutSlash } from "./stored-keys.ts";
import type { EtcdTarget } from "./target.ts";
import { type EtcdWatchDeps, watch } from "./watch.ts";

/** A keyspace in etcd 3.4 or later, with leases as sessions. Each watch and each session has its own connection. */
export function createEtcdKeyspace(
  target: EtcdTarget,
  { clock, random }: { clock: Clock; random: () => number },
): Keyspace {
  const keys = target.location.slashless ? withoutSlash : asTheyAre;
  return new EtcdKeyspace({ url: target.url, keys, dial: createEtcdDial(target, random), clock });
}

class EtcdKeyspace implements Keyspace {
  readonly url: string;
  readonly #deps: EtcdWatchDeps;
  readonly #sessions = new Set<EtcdSession>();

  constructor(deps: EtcdWatchDeps) {
    this.url = deps.url;
    this.#deps = deps;
  }

  watch(
    prefixes: readonly string[],
    signal: AbortSignal,
    again?: WatchAgain,
  ): AsyncIterable<Batch> {
    return watch(this.#deps, prefixes, signal, again);
  }

  async listSlashless(folder: string, signal: AbortSignal): Promise<ReadonlyMap<string, Entry>> {
    if (this.#deps.keys === withoutSlash) return new Map();
    let client: Etcd3 | undefined;
    try {
      client = await this.#deps.dial(signal);
      return await listSlashless(client, folder, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw asFault(error, this.url, `read ${folder || "all keys"}`);
    } finally {
      client?.close();
    }
  }

  at(revision: string): Past {
    return pastOf(this.#deps, revision);
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    const { url, keys, dial, clock } = this.#deps;
    const client = new ReconnectingClient(dial);
    const onClosed = (session: EtcdSession) => this.#sessions.delete(session);
    try {
      const lease = await client.call((etcd) => grant(etcd, ttlMs), signal);
      const session = new EtcdSession({ url, keys, client, lease, clock, onClosed });
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
