import { Cell } from "../../base/cell.ts";
import { runAll } from "../../base/signal.ts";
import { blockingQuery } from "../../clients/consul/blocking-query.ts";
import type { ConsulClient } from "../../clients/consul/client.ts";
import { type Batch, type Entry, FolderSet, folderOf, outermost } from "../../model/entry.ts";
import { asFault, partlyDenied } from "./errors.ts";
import { entryOf, pairsOf, pathOf, storeKeyOf } from "./pair.ts";

/** More folders than that are followed by one query for what their keys begin with: each query is a connection. */
const maxQueries = 32;

export interface ConsulWatchDeps {
  readonly url: string;
  readonly client: ConsulClient;
  /** The folder of the URL: empty, or `/app`. */
  readonly folder: string;
  /** How long Consul holds a query back, in milliseconds. */
  readonly waitMs?: number | undefined;
}

/** The state below one of the followed prefixes. */
interface Part {
  readonly index: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

type Parts = readonly (Part | undefined)[];

/**
 * Follows each folder by a blocking query, whose results are complete states: the first batch is a reset once all have one, the next
 * ones are differences. The first error of a query ends the watch.
 */
export async function* watch(
  deps: ConsulWatchDeps,
  prefixes: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  signal.throwIfAborted();
  const folders = outermost(prefixes.map(folderOf));
  const set = new FolderSet(folders);
  const starts = startsOf(folders);
  const parts = new Cell<Parts>(starts.map(() => undefined));
  const stop = new AbortController();
  const relay = () => stop.abort(signal.reason);
  signal.addEventListener("abort", relay);
  let failure: { readonly error: unknown } | undefined;
  const following = starts.map((start, i) => (s: AbortSignal) => {
    return followPart(deps, start, set, (part) => parts.set(parts.value.with(i, part)), s);
  });
  const running = runAll(stop.signal, ...following).catch((error: unknown) => {
    failure = { error };
    parts.set(parts.value);
  });
  try {
    yield* batches(
      parts,
      () => {
        if (failure) throw failure.error;
      },
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    throw asFault(error, deps.url, `read ${prefixes.map((one) => one || "/").join(", ")}`);
  } finally {
    stop.abort();
    signal.removeEventListener("abort", relay);
    await running;
  }
}

async function* batches(
  parts: Cell<Parts>,
  throwIfFailed: () => void,
  signal: AbortSignal,
): AsyncGenerator<Batch, never> {
  let before: Parts | undefined;
  for (;;) {
    const { version } = parts;
    throwIfFailed();
    const now = parts.value;
    if (isComplete(now)) {
      const batch = before ? deltaOf(before, now) : resetOf(now);
      before = now;
      if (batch) yield batch;
    }
    await parts.newer(version, signal);
  }
}

function isComplete(parts: Parts): parts is readonly Part[] {
  return parts.every((part) => part !== undefined);
}

async function followPart(
  { url, client, folder, waitMs }: ConsulWatchDeps,
  start: string,
  set: FolderSet,
  onPart: (part: Part) => void,
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf(storeKeyOf(folder, start || "/"));
  const query = { path, query: { recurse: "true" }, ...(waitMs !== undefined && { waitMs }) };
  for await (const result of blockingQuery(client, query, signal)) {
    if (result.isFiltered) throw partlyDenied(url, `read all of ${start || "/"}`);
    const entries = new Map<string, Entry>();
    for (const pair of pairsOf(result)) {
      const entry = entryOf(pair, folder);
      if (entry && set.includes(entry.key)) entries.set(entry.key, entry);
    }
    onPart({ index: result.index, entries });
  }
}

/** What the keys in these folders begin with, none of which begins with another one. */
function startsOf(folders: readonly string[]): readonly string[] {
  const distinct = folders.filter(
    (one) => !folders.some((other) => other !== one && one.startsWith(other)),
  );
  if (distinct.length <= maxQueries) return distinct;
  const [first = "", ...others] = distinct;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return [first.slice(0, length)];
}

function resetOf(parts: readonly Part[]): Batch {
  const entries = new Map(parts.flatMap((part) => [...part.entries]));
  return { kind: "reset", revision: revisionOf(parts), entries };
}

/** Undefined without a change. */
function deltaOf(before: Parts, now: readonly Part[]): Batch | undefined {
  const put = new Map<string, Entry>();
  const gone: string[] = [];
  for (const [i, part] of now.entries()) {
    const known = before[i];
    if (!known || known === part) continue;
    for (const [key, entry] of part.entries)
      if (!isSame(known.entries.get(key), entry)) put.set(key, entry);
    for (const key of known.entries.keys()) if (!part.entries.has(key)) gone.push(key);
  }
  if (put.size + gone.length === 0) return undefined;
  return { kind: "delta", revision: revisionOf(now), put, gone };
}

/** The revision alone proves nothing: indexes come again after a restored snapshot. */
function isSame(a: Entry | undefined, b: Entry): boolean {
  return a?.revision === b.revision && a.value === b.value && a.owner === b.owner;
}

function revisionOf(parts: readonly Part[]): string {
  return String(Math.max(0, ...parts.map(({ index }) => index)));
}
