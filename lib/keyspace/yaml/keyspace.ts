import { resolve } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { watchFiles } from "../../base/file-watch.ts";
import { race } from "../../base/signal.ts";
import { type Batch, folderOf, isWithin } from "../../model/entry.ts";
import type { Keyspace } from "../contract.ts";
import { readOnlyKeyspace, resetOf } from "../read-only.ts";
import { type FileSelection, readFiles } from "./read-files.ts";

/** The interval at which the files are read in case the system drops an event, in milliseconds. */
const rereadMs = 10_000;

/** How long files must not have changed before they are read, in milliseconds: they may be written in place. */
const settleMs = 50;

/** The contents of YAML and JSON files as a keyspace: `db: { host: a }` is the key `/db/host`. Of several files the last counts. */
export function createYamlKeyspace(
  url: string,
  { paths, filter }: FileSelection,
  clock: Clock,
): Keyspace {
  const selection = { paths: paths.map((path) => resolve(path)), filter };
  return readOnlyKeyspace(url, (prefixes, signal) => watch(selection, prefixes, clock, signal));
}

async function* watch(
  selection: FileSelection,
  prefixes: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  signal.throwIfAborted();
  await using files = watchFiles(selection.paths, { ignored: () => false });
  await files.changed(signal);
  files.take();
  let values = await readSettled(selection, clock, signal);
  yield resetOf(values, prefixes, "1");
  for (let revision = 2; ; ) {
    await race(
      signal,
      (s) => files.changed(s),
      (s) => clock.sleep(rereadMs, s),
    );
    files.take();
    const now = await readSettled(selection, clock, signal);
    const delta = deltaOf(values, now, prefixes, String(revision));
    values = now;
    if (!delta) continue;
    yield delta;
    revision += 1;
  }
}

/** Reads the files until they have been the same for a moment. */
async function readSettled(
  selection: FileSelection,
  clock: Clock,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  let before: string | undefined;
  for (;;) {
    const { values, stamp } = await readFiles(selection);
    if (stamp === before) return values();
    before = stamp;
    await clock.sleep(settleMs, signal);
  }
}

/** Undefined without a change. */
function deltaOf(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  prefixes: readonly string[],
  revision: string,
): Batch | undefined {
  const folders = prefixes.map(folderOf);
  const isCovered = (key: string) => folders.some((folder) => isWithin(key, folder));
  const changed = [...now].filter(([key, value]) => isCovered(key) && before.get(key) !== value);
  const put = new Map(changed.map(([key, value]) => [key, { key, value, revision }]));
  const gone = [...before.keys()].filter((key) => isCovered(key) && !now.has(key));
  return put.size + gone.length === 0 ? undefined : { kind: "delta", revision, put, gone };
}
