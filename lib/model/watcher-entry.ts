import { type Entry, isWithinAny } from "./entry.ts";
import { parseObject } from "./formats/json.ts";

/** The folder in which each running watcher has an entry, so that a draining instance can wait for all of them. */
export const watchersFolder = "/sidekick/watchers";

/** How long the entry of a watcher outlives one that is killed, in milliseconds: so long drains wait for it. */
export const watcherTtlMs = 10_000;

/** The entry of a watcher. */
export interface WatcherEntry {
  /** The session that keeps the entry; undefined before the first one is open. */
  readonly session: string | undefined;
  /** The folders of the keyspace from which its files are rendered. */
  readonly prefixes: readonly string[];
  /** The instances verified to get no new requests from its proxies: revision of the entry by key. */
  readonly drained: ReadonlyMap<string, string>;
}

/** A running watcher. */
export interface Watcher extends Omit<WatcherEntry, "session"> {
  /** The last part of its key. */
  readonly name: string;
}

/** A watcher that has not yet acknowledged that an instance gets no new requests. */
export interface Unacknowledged {
  /** The name of the watcher. */
  readonly watcher: string;
  /** The key of the instance's entry. */
  readonly key: string;
}

/**
 * The value of a watcher's entry:
 * `{"session":"7587","prefixes":["/services"],"drained":{"/services/web/10.0.0.1:80":"17"}}`.
 */
export function encodeWatcherEntry({ session, prefixes, drained }: WatcherEntry): string {
  const named = prefixes.map((prefix) => prefix || "/");
  return JSON.stringify({ session, prefixes: named, drained: Object.fromEntries(drained) });
}

/**
 * The watcher that an entry stands for, or the reason why it stands for none: its own session has to keep it. Without
 * that, the entry may be left from a watcher that has ended, or be written by another client.
 */
export function decodeWatcherEntry({
  key,
  value,
  owner,
}: Entry): Watcher | { readonly why: string } {
  const { session, prefixes, drained } = parseObject(value) ?? {};
  if (!Array.isArray(prefixes)) return { why: "it is not the entry of a watcher" };
  if (owner === undefined) return { why: "no session keeps it" };
  if (session !== owner) return { why: "it does not name the session that keeps it" };
  const folders = prefixes.filter((item) => typeof item === "string");
  const revisions = typeof drained === "object" && drained !== null ? Object.entries(drained) : [];
  return {
    name: key.slice(watchersFolder.length + 1),
    prefixes: folders.map((folder) => folder.replace(/\/+$/, "")),
    drained: new Map(revisions.map(([key, revision]) => [key, String(revision)])),
  };
}

/**
 * The watchers that use an instance and have not acknowledged its drain. `draining` has, by key, the revision at which the
 * entry got weight 0; the acknowledgement of an earlier revision does not count.
 */
export function unacknowledged(
  draining: ReadonlyMap<string, string>,
  watchers: readonly Watcher[],
): readonly Unacknowledged[] {
  const missing: Unacknowledged[] = [];
  for (const { name, prefixes, drained } of watchers) {
    for (const [key, revision] of draining) {
      const isUsed = isWithinAny(key, prefixes);
      if (isUsed && !isAtLeast(drained.get(key), revision)) missing.push({ watcher: name, key });
    }
  }
  return missing;
}

/** Whether a revision equals `minimum`, or is greater if the store's revisions are numbers. */
function isAtLeast(revision: string | undefined, minimum: string): boolean {
  if (revision === minimum) return true;
  const numeric = /^\d+$/;
  if (revision === undefined || !numeric.test(revision) || !numeric.test(minimum)) return false;
  return BigInt(revision) > BigInt(minimum);
}
