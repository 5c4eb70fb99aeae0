import type { Etcd3 } from "etcd3";
import { abortable } from "../../base/signal.ts";
import type { EtcdDial } from "./client.ts";

/** Keeps one connection, which connects on the first call. A call that fails closes it, and the next call reconnects. */
export class ReconnectingClient {
  readonly #dial: EtcdDial;
  readonly #open = new AbortController();
  #client: Promise<Etcd3> | undefined;

  constructor(dial: EtcdDial) {
    this.#dial = dial;
  }

  /** Calls etcd. Rejects with the error of `work`, or with the reason of `signal`. */
  async call<T>(work: (client: Etcd3) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    this.#client ??= this.#dial(this.#open.signal);
    const client = this.#client;
    try {
      return await abortable(client.then(work), signal);
    } catch (error) {
      if (!signal.aborted) this.#drop(client);
      throw error;
    }
  }

  close(): void {
    this.#open.abort();
    if (this.#client) this.#drop(this.#client);
  }

  /** Calls in flight on the connection still complete: closing waits for them. */
  #drop(client: Promise<Etcd3>): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.then(
      (open) => open.close(),
      () => {},
    );
  }
}
