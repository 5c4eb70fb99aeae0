import { type Etcd3, EtcdError } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import { abortable } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import type { Lease } from "./lease.ts";

type KeepAliveStream = Awaited<ReturnType<Etcd3["leaseClient"]["leaseKeepAlive"]>>;

/** Refreshes a lease over a stream that stays open: opening one costs far more than a request. */
export class LeaseStream {
  readonly #lease: Lease;
  readonly #clock: Clock;
  #open: { readonly client: Etcd3; readonly duplex: KeepAliveStream } | undefined;
  /** The last request; an answer counts for it as long as its stream is open. */
  #request: PromiseWithResolvers<boolean> | undefined;

  constructor(lease: Lease, clock: Clock) {
    this.#lease = lease;
    this.#clock = clock;
  }

  /**
   * Renews the lease for its full TTL, which writes no key; false if the lease has expired. One call at a time. Opens a
   * stream if there is none to `client`; a failure closes it.
   */
  async refresh(client: Etcd3, signal: AbortSignal): Promise<boolean> {
    // Short enough for a second attempt, at another endpoint, within the rest of the TTL.
    const limitMs = Math.min(4000, Math.max(1000, this.#lease.ttlMs / 4));
    const onTimeout = () => {
      throw new EtcdError("etcd did not answer in time");
    };
    const work = async (s: AbortSignal) => await abortable(this.#ask(client, s), s);
    try {
      return await withTimeout(limitMs, work, onTimeout, this.#clock, signal);
    } catch (error) {
      // A late answer does not count for the next request.
      this.close();
      throw error;
    }
  }

  close(): void {
    this.#open?.duplex.cancel();
    this.#open = undefined;
  }

  async #ask(client: Etcd3, signal: AbortSignal): Promise<boolean> {
    const request = Promise.withResolvers<boolean>();
    this.#request = request;
    if (this.#open?.client !== client) await this.#reopen(client, signal);
    this.#open?.duplex.write({ ID: this.#lease.id });
    return await request.promise;
  }

  async #reopen(client: Etcd3, signal: AbortSignal): Promise<void> {
    this.close();
    const duplex = await client.leaseClient.leaseKeepAlive();
    const open = { client, duplex };
    const fail = (error: unknown) => {
      if (this.#open !== open) return;
      this.#open = undefined;
      this.#request?.reject(error);
    };
    duplex.on("data", ({ TTL }) => {
      if (this.#open === open) this.#request?.resolve(Number(TTL) > 0);
    });
    duplex.on("error", fail);
    duplex.on("end", () => fail(new EtcdError("etcd closed the stream of the lease")));
    // Closed in the meantime: nothing else would end the new stream.
    if (signal.aborted) duplex.cancel();
    signal.throwIfAborted();
    this.#open = open;
  }
}
