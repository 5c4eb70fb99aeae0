import type { Clock } from "../../base/clock.ts";
import type { ConsulClient } from "../../clients/consul/client.ts";
import type { Batch } from "../../model/entry.ts";
import type { Keyspace, Session } from "../contract.ts";
import type { KeyspaceConfig } from "../schema.ts";
import type { ConsulLocation } from "../url.ts";
import { connect } from "./connect.ts";
import { asFault } from "./errors.ts";
import { ConsulSession, createSession } from "./session.ts";
import { watch } from "./watch.ts";

export interface ConsulKeyspaceDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** The shortest TTL that the servers accept, in milliseconds: their `session_ttl_min`. Default: 10 s, as theirs. */
  readonly minTtlMs?: number;
  /** How long Consul holds a query back, in milliseconds. Default: 1 min. */
  readonly waitMs?: number;
}

/** The key/value store of Consul as a keyspace, with Consul's sessions, which lock their entries. */
export function createConsulKeyspace(
  target: KeyspaceConfig & { readonly location: ConsulLocation },
  deps: ConsulKeyspaceDeps,
): Keyspace {
  return new ConsulKeyspace(target.url, target.location.folder, connect(target, deps), deps);
}

class ConsulKeyspace implements Keyspace {
  readonly url: string;
  readonly #folder: string;
  readonly #client: ConsulClient;
  readonly #deps: ConsulKeyspaceDeps;
  readonly #sessions = new Set<ConsulSession>();

  constructor(url: string, folder: string, client: ConsulClient, deps: ConsulKeyspaceDeps) {
    this.url = url;
    this.#folder = folder;
    this.#client = client;
    this.#deps = deps;
  }

  watch(prefixes: readonly string[], signal: AbortSignal): AsyncIterable<Batch> {
    const deps = {
      url: this.url,
      client: this.#client,
      folder: this.#folder,
      waitMs: this.#deps.waitMs,
    };
    return watch(deps, prefixes, signal);
  }

  async open(ttlMs: number, signal: AbortSignal): Promise<Session> {
    const { clock, minTtlMs = 10_000 } = this.#deps;
    const [url, client, folder] = [this.url, this.#client, this.#folder];
    try {
      const created = await createSession(client, ttlMs, minTtlMs, signal);
      const onClosed = (session: ConsulSession) => this.#sessions.delete(session);
      const session = new ConsulSession({ url, client, folder, clock, onClosed }, created);
      this.#sessions.add(session);
      return session;
    } catch (error) {
      signal.throwIfAborted();
      throw asFault(error, url, "open a session");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.abandon()));
    await this.#client[Symbol.asyncDispose]();
  }
}
