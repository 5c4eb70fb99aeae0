import { isWithin } from "./entry.ts";
import { parseObject } from "./formats/json.ts";
import type { Snapshot } from "./snapshot.ts";

/** The folder in which each running watcher has an entry, so that a draining instance can wait for all of them. */
export const watchersFolder = "/sidekick/watchers";

/** The entry of a watcher. */
export interface WatcherEntry {
  /** The folders of the keyspace from which its files are rendered. */
  readonly prefixes: readonly string[];
  /** The instances verified to get no new requests from its proxies: revision of the entry by key. */
  readonly drained: ReadonlyMap<string, string>;
}

/** A watcher that has not yet acknowledged that an instance gets no new requests. */
export interface Unacknowledged {
  /** The last part of its key. */
  readonly watcher: string;
  /** The key of the instance's entry. */
  readonly key: string;
}

/** The value of a watcher's entry: `{"prefixes":["/services"],"drained":{"/services/web/10.0.0.1:80":"17"}}`. */
export function encodeWatcherEntry({ prefixes, drained }: WatcherEntry): string {
  const named = prefixes.map((prefix) => prefix || "/");
  return JSON.stringify({ prefixes: named, drained: Object.fromEntries(drained) });
}

/**
 * The watchers that use an instance and have not acknowledged its drain. `draining` has, by key, the revision at which the
 * entry got weight 0; the acknowledgement of an earlier revision does not count.
 */
export function unacknowledged(
  draining: ReadonlyMap<string, string>,
  watchers: Snapshot,
): readonly Unacknowledged[] {
  const missing: Unacknowledged[] = [];
  for (const { key: watcherKey, value } of watchers.chunks.flat()) {
    const { prefixes, drained } = decodeWatcherEntry(value);
    const watcher = watcherKey.slice(watchersFolder.length + 1);
    for (const [key, revision] of draining) {
      const isUsed = prefixes.some((prefix) => isWithin(key, prefix));
      if (isUsed && !isAtLeast(drained.get(key), revision)) missing.push({ watcher, key });
    }
  }
  return missing;
}

/** An invalid value was not written by a watcher: it counts as one without prefixes. */
function decodeWatcherEntry(value: string): WatcherEntry {
  const { prefixes, drained } = parseObject(value) ?? {};
  const isText = (item: unknown) => typeof item === "string";
  const folders = Array.isArray(prefixes) ? prefixes.filter(isText) : [];
  const revisions = typeof drained === "object" && drained !== null ? Object.entries(drained) : [];
  return {
    prefixes: folders.map((folder) => folder.replace(/\/+$/, "")),
    drained: new Map(revisions.map(([key, revision]) => [key, String(revision)])),
  };
}

/** Whether a revision equals `minimum`, or is greater if the store's revisions are numbers. */
function isAtLeast(revision: string | undefined, minimum: string): boolean {
  if (revision === minimum) return true;
  const numeric = /^\d+$/;
  if (revision === undefined || !numeric.test(revision) || !numeric.test(minimum)) return false;
  return BigInt(revision) > BigInt(minimum);
}
