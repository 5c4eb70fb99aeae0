import type { Etcd3 } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import { race } from "../../base/signal.ts";
import type { Batch } from "../../model/entry.ts";
import { faults } from "../faults.ts";
import type { EtcdDial } from "./client.ts";
import { asFault } from "./errors.ts";
import { type Listing, list } from "./list.ts";
import { rangesOf } from "./ranges.ts";
import { Stream } from "./stream.ts";

/** How long etcd may take to confirm that it watches, in milliseconds. */
const confirmMs = 5000;

/** What a watch needs of its keyspace. */
export interface EtcdWatchDeps {
  readonly url: string;
  readonly dial: EtcdDial;
  readonly clock: Clock;
}

/**
 * Lists the folders, then follows their changes from the next revision on, over a connection of its own.
 * Whatever ends the stream (a restart, a compaction, a member without a leader, an expired token) ends
 * the watch with a fault, and the next one lists again: there is one way to begin, and it is always right.
 */
export async function* watch(
  watched: EtcdWatchDeps,
  prefixes: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  let client: Etcd3 | undefined;
  try {
    client = await watched.dial(signal);
    const start = yield* everything(client, prefixes, signal);
    yield* changes(client, start, watched, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw asFault(error, watched.url, `read ${prefixes.map((prefix) => prefix || "/").join(", ")}`);
  } finally {
    client?.close();
  }
}

/** Where the changes go on from. */
type Start = Omit<Listing, "entries">;

/** Apart from `watch`, which would hold on to these entries for as long as it follows their changes. */
async function* everything(
  client: Etcd3,
  prefixes: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Batch, Start> {
  const { revision, entries, ranges } = await list(client, rangesOf(prefixes), signal);
  yield { kind: "reset", revision, entries };
  return { revision, ranges };
}

async function* changes(
  client: Etcd3,
  listing: Start,
  { url, clock }: EtcdWatchDeps,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const stream = new Stream(await client.watchClient.watch(), listing.revision, url);
  try {
    await race(
      signal,
      (s) => stream.begin(listing.ranges, s),
      async (s) => {
        await clock.sleep(confirmMs, s);
        throw faults.KEYSPACE_UNREACHABLE({ url });
      },
    );
    for (;;) yield await stream.next(signal);
  } finally {
    stream.cancel();
  }
}
