import { isWithin } from "./entry.ts";
import type { Snapshot } from "./snapshot.ts";

/** Where each watcher has an entry for as long as it runs, so that whoever leaves knows whom to wait for. */
export const watchersFolder = "/sidekick/watchers";

/** What a watcher says of itself. */
export interface WatcherEntry {
  /** The folders of the keyspace that its files are made from. */
  readonly prefixes: readonly string[];
  /** The entries of instances that are proved to get no new requests from its proxies: revision by key. */
  readonly drained: ReadonlyMap<string, string>;
}

/** A watcher that has not acknowledged yet that an instance takes no requests. */
export interface Unacknowledged {
  /** As it calls itself. */
  readonly watcher: string;
  /** The key of the instance. */
  readonly key: string;
}

/** The value of a watcher's entry: `{"prefixes":["/services"],"drained":{"/services/web/10.0.0.1:80":"17"}}`. */
export function encodeWatcherEntry({ prefixes, drained }: WatcherEntry): string {
  const named = prefixes.map((prefix) => prefix || "/");
  return JSON.stringify({ prefixes: named, drained: Object.fromEntries(drained) });
}

/**
 * Who has not acknowledged yet, of all watchers that see the instances. `leaving` has the revision of the entry that says
 * that an instance takes no requests, by key; what acknowledges an earlier one means nothing.
 */
export function unacknowledged(
  leaving: ReadonlyMap<string, string>,
  watchers: Snapshot,
): readonly Unacknowledged[] {
  const missing: Unacknowledged[] = [];
  for (const { key: at, value } of watchers.chunks.flat()) {
    const { prefixes, drained } = decodeWatching(value);
    const watcher = at.slice(watchersFolder.length + 1);
    for (const [key, revision] of leaving) {
      const isSeen = prefixes.some((prefix) => isWithin(key, prefix));
      if (isSeen && !isSince(drained.get(key), revision)) missing.push({ watcher, key });
    }
  }
  return missing;
}

/** What makes no sense sees nothing: it was not a watcher that wrote it. */
function decodeWatching(value: string): WatcherEntry {
  const { prefixes, drained } = objectOf(value);
  const isText = (item: unknown) => typeof item === "string";
  const folders = Array.isArray(prefixes) ? prefixes.filter(isText) : [];
  const revisions = typeof drained === "object" && drained !== null ? Object.entries(drained) : [];
  return {
    prefixes: folders.map((folder) => folder.replace(/\/+$/, "")),
    drained: new Map(revisions.map(([key, revision]) => [key, String(revision)])),
  };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Whether a revision is this one, or a later one where the store counts them. */
function isSince(revision: string | undefined, since: string): boolean {
  if (revision === since) return true;
  const counted = /^\d+$/;
  if (revision === undefined || !counted.test(revision) || !counted.test(since)) return false;
  return BigInt(revision) > BigInt(since);
}
