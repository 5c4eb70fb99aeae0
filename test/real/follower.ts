import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { retry } from "../../lib/base/retry.ts";
import { untilAborted } from "../../lib/base/signal.ts";
import type { KeySource, Keyspace } from "../../lib/keyspace/contract.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import type { ListTurns } from "../../lib/keyspace/list-turns.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { atEnd, eventually } from "../support/process.ts";
import type { Etcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";

/** Follows a folder, and counts the lists and the watches that continue without one. */
export class Follower {
  readonly cell = new Cell<Snapshot | undefined>(undefined);
  lists = 0;
  continued = 0;
  /** The entries that were reported as removed. */
  removals = 0;
  /** The lists that waited for a turn: their entries, and the number of watchers. */
  readonly turns: (readonly [entries: number, watchers: number | undefined])[] = [];
  readonly #keyspace: Keyspace;
  readonly #folder: string;
  #stop = async () => {};

  static async start(
    t: TestContext,
    { url }: { readonly url: string },
    folder = "/web",
  ): Promise<Follower> {
    const follower = new Follower(await opening(t, url), folder);
    atEnd(t, () => follower.stop());
    follower.go();
    await eventually("the entries are read", () => follower.cell.value !== undefined);
    return follower;
  }

  private constructor(keyspace: Keyspace, folder: string) {
    this.#keyspace = keyspace;
    this.#folder = folder;
  }

  /** Follows across outages, from the last snapshot on. */
  go(): void {
    const stopping = new AbortController();
    const retrying = { clock: systemClock, random: Math.random, onFault: () => {} };
    const following = retry(
      (progress, s) =>
        follow(this.#counting(), [this.#folder], this.cell, progress, s, this.#turns),
      { firstMs: 20, maxMs: 200 },
      retrying,
      stopping.signal,
    );
    const done = untilAborted(stopping.signal, following);
    this.#stop = async () => {
      stopping.abort();
      await done;
    };
  }

  async stop(): Promise<void> {
    await this.#stop();
  }

  has(key: string): boolean {
    return this.cell.value?.get(key) !== undefined;
  }

  readonly #turns: ListTurns = {
    wait: async ({ size, countWatchers }, signal) => {
      this.turns.push([size.entries, await countWatchers(signal)]);
    },
  };

  #counting(): KeySource {
    const keyspace = this.#keyspace;
    const count = (kind: "lists" | "continued" | "removals", more = 1) => {
      this[kind] += more;
    };
    return {
      async *watch(prefixes, signal, again) {
        let isFirst = true;
        for await (const batch of keyspace.watch(prefixes, signal, again)) {
          if (batch.kind === "reset") count("lists");
          else if (isFirst) count("continued");
          if (batch.kind === "delta") count("removals", batch.gone.length);
          isFirst = false;
          yield batch;
        }
      },
    };
  }
}

/** Waits until the follower has exactly the entries that etcd has. */
export async function assertEqual({ cell }: Follower, etcd: Etcd): Promise<void> {
  await etcd.etcdctl("put", "/web/~", `${Math.random()}`);
  const { kvs } = JSON.parse(await etcd.etcdctl("get", "/web/", "--prefix", "-w", "json"));
  const text = (base64: string) => Buffer.from(base64, "base64").toString();
  const expected = kvs.map((kv: { key: string; value: string }) => [text(kv.key), text(kv.value)]);
  const read = () => [...(cell.value?.below("/web") ?? [])].flat().map((e) => [e.key, e.value]);
  const last = () => read().find(([key]) => key === "/web/~")?.[1];
  await eventually("the last change is read", () => last() === expected.at(-1)?.[1]);
  assert.deepEqual(read(), expected);
}
