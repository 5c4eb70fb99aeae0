import { type Batch, type Entry, folderOf, isWithin } from "../model/entry.ts";

/** All values of a keyspace at one moment, by key. */
export type Values = ReadonlyMap<string, string>;

/**
 * The watch of a source that has no changes of its own, only complete states: what the prefixes cover is a reset first, and then
 * the difference from each state to the next one. A state without a difference yields nothing. The revisions are 1, 2, 3 …; all
 * entries that changed together have the same one.
 */
export async function* watchStates(
  states: AsyncIterable<Values>,
  prefixes: readonly string[],
): AsyncGenerator<Batch> {
  const folders = prefixes.map(folderOf);
  let before: Values | undefined;
  let revision = 1;
  for await (const all of states) {
    const now = coveredBy(all, folders);
    const batch = before ? deltaOf(before, now, String(revision)) : resetOf(now, String(revision));
    before = now;
    if (!batch) continue;
    yield batch;
    revision += 1;
  }
}

/** The values of the keys that are at or below the folders. */
function coveredBy(values: Values, folders: readonly string[]): Values {
  return new Map([...values].filter(([key]) => folders.some((folder) => isWithin(key, folder))));
}

function resetOf(values: Values, revision: string): Batch {
  return { kind: "reset", revision, entries: entriesOf(values, revision) };
}

/** Undefined without a change. */
function deltaOf(before: Values, now: Values, revision: string): Batch | undefined {
  const changed = [...now].filter(([key, value]) => before.get(key) !== value);
  const gone = [...before.keys()].filter((key) => !now.has(key));
  if (changed.length + gone.length === 0) return undefined;
  return { kind: "delta", revision, put: entriesOf(changed, revision), gone };
}

function entriesOf(
  values: Iterable<readonly [string, string]>,
  revision: string,
): Map<string, Entry> {
  return new Map(Array.from(values, ([key, value]) => [key, { key, value, revision }]));
}
