import type { Etcd3 } from "etcd3";
import type { Clock } from "../../base/clock.ts";
import { abortable } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import type { Batch } from "../../model/entry.ts";
import { watchersFolder } from "../../model/watcher-entry.ts";
import type { WatchAgain } from "../contract.ts";
import { faults } from "../faults.ts";
import type { EtcdDial } from "./client.ts";
import { continuedFrom } from "./continue.ts";
import { asFault, isPermissionDenied } from "./errors.ts";
import { list } from "./list.ts";
import { EtcdPosition, type KnownRange } from "./position.ts";
import type { StoredKeys } from "./stored-keys.ts";
import { Stream } from "./stream.ts";

/** How long etcd may take to confirm the watches, in milliseconds. */
const confirmMs = 5000;

export interface EtcdWatchDeps {
  readonly url: string;
  readonly keys: StoredKeys;
  readonly dial: EtcdDial;
  readonly clock: Clock;
}

/**
 * Lists the folders, then streams their changes from the next revision on, over its own connection. The end of the
 * stream (a restart, a compaction, a member without a leader, an expired token) ends the watch with a fault. The next watch
 * continues from the position of the last batch where etcd proves the same history, whatever the reason was; else it lists.
 */
export async function* watch(
  deps: EtcdWatchDeps,
  prefixes: readonly string[],
  signal: AbortSignal,
  again?: WatchAgain,
): AsyncGenerator<Batch> {
  let client: Etcd3 | undefined;
  let stream: Stream | undefined;
  try {
    client = await deps.dial(signal);
    const position = positionFor(prefixes, again);
    stream = position && (await continued(client, position, deps, signal));
    if (stream) {
      yield { kind: "delta", revision: stream.revision, put: new Map(), gone: [], position };
    } else {
      if (position) await turn(client, position, again, deps, signal);
      const listed = yield* listAll(client, prefixes, deps, signal);
      stream = await startStream(client, listed, listed.ranges, deps, signal);
    }
    for (;;) yield await stream.next(signal);
  } catch (error) {
    signal.throwIfAborted();
    throw asFault(error, deps.url, `read ${prefixes.map((prefix) => prefix || "/").join(", ")}`);
  } finally {
    stream?.cancel();
    client?.close();
  }
}

/** The position to continue from; undefined if there is none of these prefixes. */
function positionFor(
  prefixes: readonly string[],
  again: WatchAgain | undefined,
): EtcdPosition | undefined {
  const position = again?.position;
  if (!(position instanceof EtcdPosition)) return undefined;
  const isSame = JSON.stringify(position.prefixes) === JSON.stringify(prefixes);
  return isSame ? position : undefined;
}

/** The stream of the changes after a position; undefined if etcd does not prove the same history. */
async function continued(
  client: Etcd3,
  position: EtcdPosition,
  deps: EtcdWatchDeps,
  signal: AbortSignal,
): Promise<Stream | undefined> {
  const ranges = await continuedFrom(client, position, deps.url, signal);
  if (!ranges) return undefined;
  try {
    return await startStream(client, position, ranges, deps, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Such as a permission that has changed, or a compaction: the list finds out.
    const fault = asFault(error, deps.url, "continue a watch");
    if (fault.code === "KEYSPACE_UNREACHABLE") throw fault;
    return undefined;
  }
}

/** Waits for the turn to list again. */
async function turn(
  client: Etcd3,
  position: EtcdPosition,
  again: WatchAgain | undefined,
  { url, keys }: EtcdWatchDeps,
  signal: AbortSignal,
): Promise<void> {
  const countWatchers = async (s: AbortSignal) => {
    const [watchers] = keys.rangesOf([watchersFolder]);
    try {
      const counting = client.kv.range({ ...watchers?.below, count_only: true });
      return Number((await abortable(counting, s)).count) || undefined;
    } catch (error) {
      if (isPermissionDenied(error)) return undefined;
      throw error;
    }
  };
  await again?.turns?.wait({ url, position, size: position.size, countWatchers }, signal);
}

/** A function of its own: a variable in `watch` would keep the entries in memory for as long as the watch runs. */
async function* listAll(
  client: Etcd3,
  prefixes: readonly string[],
  deps: EtcdWatchDeps,
  signal: AbortSignal,
): AsyncGenerator<Batch, EtcdPosition> {
  const { revision, entries, position } = await list(client, prefixes, deps, signal);
  yield { kind: "reset", revision, entries, position };
  return position;
}

async function startStream(
  client: Etcd3,
  position: EtcdPosition,
  ranges: readonly KnownRange[],
  { url, keys, clock }: EtcdWatchDeps,
  signal: AbortSignal,
): Promise<Stream> {
  const stream = new Stream(await client.watchClient.watch(), position, { url, keys });
  const onTimeout = () => {
    throw faults.KEYSPACE_UNREACHABLE({ url });
  };
  try {
    await withTimeout(confirmMs, (s) => stream.start(ranges, s), onTimeout, clock, signal);
    return stream;
  } catch (error) {
    stream.cancel();
    throw error;
  }
}
