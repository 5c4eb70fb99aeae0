import { type Etcd3, EtcdError, type IWatchResponse } from "etcd3";
import { Cell } from "../../base/cell.ts";
import type { Batch, Entry } from "../../model/entry.ts";
import { faults } from "../faults.ts";
import { entryOf } from "./list.ts";
import type { Range } from "./ranges.ts";

type Duplex = Awaited<ReturnType<Etcd3["watchClient"]["watch"]>>;

/** The state of the stream that the reader has not taken yet. */
interface PendingChanges {
  readonly confirmedRanges: number;
  /** The latest entry of each changed key; undefined for a removed one. */
  readonly changes: Map<string, Entry | undefined>;
  readonly failure?: unknown;
}

/** A watch stream of etcd as batches of the changes after a revision. Throws the fault that ends the stream. */
export class Stream {
  readonly #duplex: Duplex;
  readonly #url: string;
  readonly #listedRevision: bigint;
  #revision: bigint;
  readonly #pending = new Cell<PendingChanges>({ confirmedRanges: 0, changes: new Map() });

  /** `revision` is that of the listing: the stream yields the changes after it. */
  constructor(duplex: Duplex, revision: string, url: string) {
    this.#duplex = duplex;
    this.#url = url;
    this.#listedRevision = BigInt(revision);
    this.#revision = this.#listedRevision;
    duplex.on("data", (response) => this.#onResponse(response));
    duplex.on("error", (error) => this.#fail(error));
    duplex.on("end", () => this.#fail(this.#endFault("etcd closed the stream")));
  }

  /** Resolves once etcd has confirmed the watch of every range. */
  async start(ranges: readonly Range[], signal: AbortSignal): Promise<void> {
    const start_revision = String(this.#listedRevision + 1n);
    for (const range of ranges) {
      this.#duplex.write({ create_request: { ...range, start_revision, fragment: true } });
    }
    await this.#until(({ confirmedRanges }) => confirmedRanges === ranges.length, signal);
  }

  /** Waits for changes and takes them. */
  async next(signal: AbortSignal): Promise<Batch> {
    const { changes } = await this.#until(({ changes }) => changes.size > 0, signal);
    this.#pending.set({ ...this.#pending.value, changes: new Map() });
    const put = new Map<string, Entry>();
    const gone: string[] = [];
    for (const [key, entry] of changes) {
      if (entry) put.set(key, entry);
      else gone.push(key);
    }
    return { kind: "delta", revision: String(this.#revision), put, gone };
  }

  cancel(): void {
    this.#duplex.cancel();
  }

  async #until(
    isReady: (pending: PendingChanges) => boolean,
    signal: AbortSignal,
  ): Promise<PendingChanges> {
    const isReadyOrFailed = (pending: PendingChanges) => "failure" in pending || isReady(pending);
    const pending = await this.#pending.until(isReadyOrFailed, signal);
    if ("failure" in pending) throw pending.failure;
    return pending;
  }

  #onResponse({
    header,
    created,
    canceled,
    compact_revision,
    cancel_reason,
    ...response
  }: IWatchResponse) {
    if (compact_revision !== "0") {
      return this.#fail(this.#endFault(`etcd has compacted up to revision ${compact_revision}`));
    }
    if (canceled) return this.#fail(new EtcdError(`etcdserver: watch canceled: ${cancel_reason}`));
    const { confirmedRanges, changes } = this.#pending.value;
    if (created) {
      if (BigInt(header.revision) < this.#listedRevision) {
        return this.#fail(this.#endFault(`the revision of etcd went back to ${header.revision}`));
      }
      return this.#pending.set({ confirmedRanges: confirmedRanges + 1, changes });
    }
    for (const { type, kv } of response.events) {
      const entry = entryOf(kv);
      changes.set(entry.key, type === "Delete" ? undefined : entry);
    }
    const last = BigInt(response.events.at(-1)?.kv.mod_revision ?? 0);
    if (last > this.#revision) this.#revision = last;
    // A revision that is too large for one response comes in fragments, and is passed on once it is complete.
    if (!response.fragment && changes.size > 0) this.#pending.set({ confirmedRanges, changes });
  }

  #fail(failure: unknown): void {
    if (!("failure" in this.#pending.value)) {
      this.#pending.set({ ...this.#pending.value, failure });
    }
  }

  #endFault(why: string) {
    return faults.KEYSPACE_WATCH_ENDED({ url: this.#url, why });
  }
}
