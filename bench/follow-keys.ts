/**
 * Follows keys into a cell as the agents do, in a process of its own: a witness for keyspace-load.ts.
 *
 *   node bench/follow-keys.ts URL FOLDER KEYS
 */
import { Cell } from "../lib/base/cell.ts";
import { systemClock } from "../lib/base/clock.ts";
import { follow } from "../lib/keyspace/follow.ts";
import { openKeyspace } from "../lib/keyspace/kinds.ts";
import { keyspaceSchema } from "../lib/keyspace/schema.ts";
import type { Snapshot } from "../lib/model/snapshot.ts";
import { changeAt } from "./instances.ts";
import { testify } from "./witness.ts";

const [url, folder = "", keys] = process.argv.slice(2);
const deps = { clock: systemClock, random: Math.random };
const keyspace = await openKeyspace(keyspaceSchema.parse(url), deps);
const cell = new Cell<Snapshot | undefined>(undefined);
const { signal } = new AbortController();

await testify(
  async () => {
    // Neither this nor what follows ends but with the process; a fault ends that.
    void follow(keyspace, [folder], cell, () => {}, signal);
    await cell.newer(0, signal);
    return cell.value?.size ?? 0;
  },
  async (saw) => void attend(saw),
);

async function attend(saw: () => void): Promise<never> {
  for (let n = 0; ; n += 1) {
    const [key, value] = changeAt(folder, n, Number(keys));
    while (cell.value?.get(key)?.value !== value) await cell.newer(cell.version, signal);
    saw();
  }
}
