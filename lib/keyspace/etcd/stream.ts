import { type Etcd3, EtcdError, type IEvent, type IWatchResponse } from "etcd3";
import { Cell } from "../../base/cell.ts";
import type { Batch, Entry } from "../../model/entry.ts";
import { faults } from "../faults.ts";
import { entryOf } from "./list.ts";
import type { EtcdPosition, KnownRange } from "./position.ts";
import type { StoredKeys } from "./stored-keys.ts";

type Duplex = Awaited<ReturnType<Etcd3["watchClient"]["watch"]>>;

/** The state of the stream that the reader has not taken yet. */
interface PendingChanges {
  readonly confirmedRanges: number;
  /** The latest entry of each changed key; undefined for a removed one. */
  readonly changes: Map<string, Entry | undefined>;
  /** With these changes. */
  readonly position: EtcdPosition;
  readonly failure?: unknown;
}

/** A watch stream of etcd as batches of the changes after a position. Throws the fault that ends the stream. */
export class Stream {
  readonly #duplex: Duplex;
  readonly #url: string;
  readonly #keys: StoredKeys;
  readonly #startRevision: bigint;
  #revision: bigint;
  /** The events so far of a revision that is too large for one response. */
  #fragments: readonly IEvent[] = [];
  readonly #pending: Cell<PendingChanges>;

  constructor(
    duplex: Duplex,
    position: EtcdPosition,
    { url, keys }: { readonly url: string; readonly keys: StoredKeys },
  ) {
    this.#duplex = duplex;
    this.#url = url;
    this.#keys = keys;
    this.#startRevision = position.history.revision;
    this.#revision = this.#startRevision;
    this.#pending = new Cell<PendingChanges>({ confirmedRanges: 0, changes: new Map(), position });
    duplex.on("data", (response) => this.#onResponse(response));
    duplex.on("error", (error) => this.#fail(error));
    duplex.on("end", () => this.#fail(this.#endFault("etcd closed the stream")));
  }

  /** The revision of the last change. */
  get revision(): string {
    return String(this.#revision);
  }

  /** Resolves once etcd has confirmed the watch of every range, from the revision on that follows the known one. */
  async start(ranges: readonly KnownRange[], signal: AbortSignal): Promise<void> {
    for (const { range, revision } of ranges) {
      const start_revision = String(revision + 1n);
      this.#duplex.write({ create_request: { ...range, start_revision, fragment: true } });
    }
    await this.#until(({ confirmedRanges }) => confirmedRanges === ranges.length, signal);
  }

  /** Waits for changes and takes them. */
  async next(signal: AbortSignal): Promise<Batch> {
    const { changes, position } = await this.#until(({ changes }) => changes.size > 0, signal);
    this.#pending.set({ ...this.#pending.value, changes: new Map() });
    const put = new Map<string, Entry>();
    const gone: string[] = [];
    for (const [key, entry] of changes) {
      if (entry) put.set(key, entry);
      else gone.push(key);
    }
    return { kind: "delta", revision: this.revision, put, gone, position };
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
    const pending = this.#pending.value;
    if (created) {
      if (BigInt(header.revision) < this.#startRevision) {
        return this.#fail(this.#endFault(`the revision of etcd went back to ${header.revision}`));
      }
      const confirmedRanges = pending.confirmedRanges + 1;
      return this.#pending.set({ ...pending, confirmedRanges });
    }
    const events = [...this.#fragments, ...response.events];
    // A revision that is too large for one response comes in fragments, and is passed on once it is complete.
    this.#fragments = response.fragment ? events : [];
    if (response.fragment || events.length === 0) return;
    const { changes } = pending;
    for (const { type, kv } of events) {
      const entry = entryOf(kv, this.#keys);
      changes.set(entry.key, type === "Delete" ? undefined : entry);
    }
    const last = BigInt(events.at(-1)?.kv.mod_revision ?? 0);
    if (last > this.#revision) this.#revision = last;
    this.#pending.set({ ...pending, position: pending.position.after(events, header) });
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
