import { type Entry, isWithinAny } from "./entry.ts";
import { parseObject } from "./formats/json.ts";
import { type WatcherFiles, watcherFilesIn } from "./watcher-file.ts";

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
  /** Of the instances that agents ask for, the ones verified to get requests from its proxies: revision of the entry by key. */
  readonly serving?: ReadonlyMap<string, string>;
  /** The state of its files; absent for a watcher of an older version. */
  readonly files?: WatcherFiles | undefined;
  /** The group with which it takes turns to reload; absent if it takes none. */
  readonly turns?: string | undefined;
}

/** A running watcher. */
export interface Watcher extends Required<Omit<WatcherEntry, "session" | "files" | "turns">> {
  /** The state of its files when its entry was written; absent for a watcher of an older version. */
  readonly files?: WatcherFiles;
  /** The group with which it takes turns to reload; absent if it takes none. */
  readonly turns?: string;
  /** The last part of its key. */
  readonly name: string;
}

/** A watcher that has not yet acknowledged the state of an instance. */
export interface Unacknowledged {
  /** The name of the watcher. */
  readonly watcher: string;
  /** The key of the instance's entry. */
  readonly key: string;
}

/**
 * The value of a watcher's entry:
 * `{"session":"7587","prefixes":["/services"],"drained":{"/services/web/10.0.0.1:80":"17"}}`, and `serving` in the same form
 * while an agent asks for it; `turns` if it takes turns; then `files`, and `more` if there is no room for all of them.
 */
export function encodeWatcherEntry({
  session,
  prefixes,
  drained,
  serving,
  files,
  turns,
}: WatcherEntry): string {
  const named = prefixes.map((prefix) => prefix || "/");
  return JSON.stringify({
    session,
    prefixes: named,
    drained: Object.fromEntries(drained),
    ...(serving && serving.size > 0 && { serving: Object.fromEntries(serving) }),
    ...(turns !== undefined && { turns }),
    ...files,
  });
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
  const object = parseObject(value) ?? {};
  const { session, prefixes, drained, serving, turns } = object;
  if (!Array.isArray(prefixes)) return { why: "it is not the entry of a watcher" };
  if (owner === undefined) return { why: "no session keeps it" };
  if (session !== owner) return { why: "it does not name the session that keeps it" };
  const folders = prefixes.filter((item) => typeof item === "string");
  const files = watcherFilesIn(object);
  return {
    name: key.slice(watchersFolder.length + 1),
    prefixes: folders.map((folder) => folder.replace(/\/+$/, "")),
    drained: revisionsIn(drained),
    serving: revisionsIn(serving),
    ...(files && { files }),
    ...(typeof turns === "string" && { turns }),
  };
}

function revisionsIn(value: unknown): ReadonlyMap<string, string> {
  const revisions = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return new Map(revisions.map(([key, revision]) => [key, String(revision)]));
}

/**
 * The watchers that use an instance and have not acknowledged its drain. `draining` has, by key, the revision at which the
 * entry got weight 0; the acknowledgement of an earlier revision does not count.
 */
export function unacknowledged(
  draining: ReadonlyMap<string, string>,
  watchers: readonly Watcher[],
): readonly Unacknowledged[] {
  return missing(draining, watchers, ({ drained }) => drained);
}

/** The watchers that use an instance and have not answered that they serve it. `wanted` has the revision of each entry, by key. */
export function unserved(
  wanted: ReadonlyMap<string, string>,
  watchers: readonly Watcher[],
): readonly Unacknowledged[] {
  return missing(wanted, watchers, ({ serving }) => serving);
}

/** How many watchers use an instance. */
export function countUsing(key: string, watchers: readonly Watcher[]): number {
  return watchers.filter(({ prefixes }) => isWithinAny(key, prefixes)).length;
}

function missing(
  wanted: ReadonlyMap<string, string>,
  watchers: readonly Watcher[],
  acknowledged: (watcher: Watcher) => ReadonlyMap<string, string>,
): readonly Unacknowledged[] {
  const missing: Unacknowledged[] = [];
  for (const watcher of watchers) {
    for (const [key, revision] of wanted) {
      const isUsed = isWithinAny(key, watcher.prefixes);
      if (isUsed && !isAtLeast(acknowledged(watcher).get(key), revision))
        missing.push({ watcher: watcher.name, key });
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
