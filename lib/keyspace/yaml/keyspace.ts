import { resolve } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { watchFiles } from "../../base/file-watch.ts";
import { race } from "../../base/signal.ts";
import type { Keyspace } from "../contract.ts";
import { readOnlyKeyspace } from "../read-only.ts";
import { type Values, watchStates } from "../states.ts";
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
  return readOnlyKeyspace(url, (prefixes, signal) =>
    watchStates(states(selection, clock, signal), prefixes),
  );
}

async function* states(
  selection: FileSelection,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Values> {
  signal.throwIfAborted();
  await using files = watchFiles(selection.paths, { ignored: () => false });
  await files.changed(signal);
  for (;;) {
    files.take();
    yield await readSettled(selection, clock, signal);
    await race(
      signal,
      (s) => files.changed(s),
      (s) => clock.sleep(rereadMs, s),
    );
  }
}

/** Reads the files until they have been the same for a moment. */
async function readSettled(
  selection: FileSelection,
  clock: Clock,
  signal: AbortSignal,
): Promise<Values> {
  let before: string | undefined;
  for (;;) {
    const { values, stamp } = await readFiles(selection);
    if (stamp === before) return values();
    before = stamp;
    await clock.sleep(settleMs, signal);
  }
}
