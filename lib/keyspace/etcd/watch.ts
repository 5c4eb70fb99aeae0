import type { Etcd3 } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import { withTimeout } from "../../base/timeout.ts";
import type { Batch } from "../../model/entry.ts";
import { faults } from "../faults.ts";
import type { EtcdDial } from "./client.ts";
import { asFault } from "./errors.ts";
import { type Listing, list } from "./list.ts";
import { rangesOf } from "./ranges.ts";
import { Stream } from "./stream.ts";

/** How long etcd may take to confirm the watches, in milliseconds. */
const confirmMs = 5000;

export interface EtcdWatchDeps {
  readonly url: string;
  readonly dial: EtcdDial;
  readonly clock: Clock;
}

/**
 * Lists the folders, then streams their changes from the next revision on, over its own connection. The end of the
 * stream (a restart, a compaction, a member without a leader, an expired token) ends the watch with a fault, and the
 * next watch lists again: there is only one way to start, which does not depend on the reason.
 */
export async function* watch(
  deps: EtcdWatchDeps,
  prefixes: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  let client: Etcd3 | undefined;
  try {
    client = await deps.dial(signal);
    const start = yield* listAll(client, prefixes, deps.url, signal);
    yield* streamChanges(client, start, deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw asFault(error, deps.url, `read ${prefixes.map((prefix) => prefix || "/").join(", ")}`);
  } finally {
    client?.close();
  }
}

/** The point from which the stream continues the listing. */
type StreamStart = Omit<Listing, "entries">;

/** A function of its own: a variable in `watch` would keep the entries in memory for as long as the watch runs. */
async function* listAll(
  client: Etcd3,
  prefixes: readonly string[],
  url: string,
  signal: AbortSignal,
): AsyncGenerator<Batch, StreamStart> {
  const { revision, entries, ranges } = await list(client, rangesOf(prefixes), url, signal);
  yield { kind: "reset", revision, entries };
  return { revision, ranges };
}

async function* streamChanges(
  client: Etcd3,
  { revision, ranges }: StreamStart,
  { url, clock }: EtcdWatchDeps,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const stream = new Stream(await client.watchClient.watch(), revision, url);
  try {
    const onTimeout = () => {
      throw faults.KEYSPACE_UNREACHABLE({ url });
    };
    await withTimeout(confirmMs, (s) => stream.start(ranges, s), onTimeout, clock, signal);
    for (;;) yield await stream.next(signal);
  } finally {
    stream.cancel();
  }
}
