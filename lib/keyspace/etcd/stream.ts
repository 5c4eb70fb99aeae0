import { type Etcd3, EtcdError, type IWatchResponse } from "etcd3";
import { Cell } from "../../base/cell.ts";
import type { Batch, Entry } from "../../model/entry.ts";
import { faults } from "../faults.ts";
import { entryOf } from "./list.ts";
import type { Range } from "./ranges.ts";

type Duplex = Awaited<ReturnType<Etcd3["watchClient"]["watch"]>>;

/** What etcd has told and the reader has not taken: of each key only the latest, undefined where it is gone. */
interface Untold {
  readonly confirmed: number;
  readonly changes: Map<string, Entry | undefined>;
  readonly failure?: unknown;
}

/** One watch stream of etcd as batches: the changes after a revision. Whatever ends it is thrown. */
export class Stream {
  readonly #duplex: Duplex;
  readonly #url: string;
  readonly #listed: bigint;
  #revision: bigint;
  readonly #untold = new Cell<Untold>({ confirmed: 0, changes: new Map() });

  /** `revision` is that of the listing which the stream goes on from. */
  constructor(duplex: Duplex, revision: string, url: string) {
    this.#duplex = duplex;
    this.#url = url;
    this.#listed = BigInt(revision);
    this.#revision = this.#listed;
    duplex.on("data", (response) => this.#take(response));
    duplex.on("error", (error) => this.#fail(error));
    duplex.on("end", () => this.#fail(this.#over("it ended the stream")));
  }

  /** Resolves once etcd watches every range. */
  async begin(ranges: readonly Range[], signal: AbortSignal): Promise<void> {
    const start_revision = String(this.#listed + 1n);
    for (const range of ranges) {
      this.#duplex.write({ create_request: { ...range, start_revision, fragment: true } });
    }
    await this.#until(({ confirmed }) => confirmed === ranges.length, signal);
  }

  /** The changes since the last call, as soon as there are any. */
  async next(signal: AbortSignal): Promise<Batch> {
    const { changes, confirmed } = await this.#until(({ changes }) => changes.size > 0, signal);
    this.#untold.set({ confirmed, changes: new Map() });
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

  async #until(enough: (untold: Untold) => boolean, signal: AbortSignal): Promise<Untold> {
    for (;;) {
      const { value, version } = this.#untold;
      if ("failure" in value) throw value.failure;
      if (enough(value)) return value;
      await this.#untold.newer(version, signal);
    }
  }

  #take({
    header,
    created,
    canceled,
    compact_revision,
    cancel_reason,
    ...response
  }: IWatchResponse) {
    if (compact_revision !== "0") {
      return this.#fail(this.#over(`it has forgotten all before revision ${compact_revision}`));
    }
    if (canceled) return this.#fail(new EtcdError(`etcdserver: watch canceled: ${cancel_reason}`));
    const { confirmed, changes } = this.#untold.value;
    if (created) {
      if (BigInt(header.revision) < this.#listed) return this.#fail(this.#over("it has gone back"));
      return this.#untold.set({ confirmed: confirmed + 1, changes });
    }
    for (const { type, kv } of response.events) {
      const entry = entryOf(kv);
      changes.set(entry.key, type === "Delete" ? undefined : entry);
    }
    const last = BigInt(response.events.at(-1)?.kv.mod_revision ?? 0);
    if (last > this.#revision) this.#revision = last;
    // A revision that is too big for one response comes in fragments: it is told when it is whole.
    if (!response.fragment && changes.size > 0) this.#untold.set({ confirmed, changes });
  }

  #fail(failure: unknown): void {
    if (!("failure" in this.#untold.value)) {
      this.#untold.set({ ...this.#untold.value, failure });
    }
  }

  #over(why: string) {
    return faults.KEYSPACE_WATCH_ENDED({ url: this.#url, why });
  }
}
