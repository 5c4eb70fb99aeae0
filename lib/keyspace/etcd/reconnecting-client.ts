import type { Etcd3 } from "etcd3";
import { abortable } from "../../base/signal.ts";
import type { EtcdDial } from "./client.ts";

/** One connection at a time: the one that has failed is replaced by the next call. */
export class ReconnectingClient {
  readonly #dial: EtcdDial;
  readonly #open = new AbortController();
  #client: Promise<Etcd3> | undefined;

  constructor(dial: EtcdDial) {
    this.#dial = dial;
  }

  /** Calls etcd; rejects as `work` does, or with the reason of `signal`. */
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

  /** Other calls may be on their way through it: closing lets them come to their end. */
  #drop(client: Promise<Etcd3>): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.then(
      (open) => open.close(),
      () => {},
    );
  }
}
