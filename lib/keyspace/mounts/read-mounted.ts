import { runAll } from "../../base/signal.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { readSnapshot } from "../read-snapshot.ts";
import { mergedSnapshot } from "./merged-snapshot.ts";
import type { Mount, Mounts } from "./mounts.ts";
import { visibleSource } from "./visible-source.ts";

/** The entries at and below these folders at this moment. Throws the fault of a keyspace that has some of them and cannot be read. */
export async function readMounted(
  mounts: Mounts,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<Snapshot> {
  const parts = [...mounts.partsOf(folders)];
  const read = new Map<Mount, Snapshot>();
  const reading = parts.map(([mount, own]) => async (s: AbortSignal) => {
    read.set(mount, await readSnapshot(visibleSource(mount, mounts), own, s));
  });
  await runAll(signal, ...reading);
  return mergedSnapshot(read);
}
