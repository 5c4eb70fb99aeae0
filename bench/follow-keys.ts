/**
 * Follows keys into a cell like the agents do, in a process of its own: an observer for keyspace-load.ts.
 *
 *   node bench/follow-keys.ts URL FOLDER KEYS
 */
import { Cell } from "../lib/base/cell.ts";
import { systemClock } from "../lib/base/clock.ts";
import { never } from "../lib/base/signal.ts";
import { follow } from "../lib/keyspace/follow.ts";
import { openKeyspace } from "../lib/keyspace/kinds.ts";
import { keyspaceSchema } from "../lib/keyspace/schema.ts";
import type { Snapshot } from "../lib/model/snapshot.ts";
import { changeAt } from "./instances.ts";
import { observe } from "./observer.ts";

const [url, folder = "", keys] = process.argv.slice(2);
const deps = { clock: systemClock, random: Math.random };
const keyspace = await openKeyspace(keyspaceSchema.parse(url), deps);
const cell = new Cell<Snapshot | undefined>(undefined);

await observe(
  async () => {
    // Runs until the process ends. A fault ends the process.
    void follow(keyspace, [folder], cell, () => {}, never);
    await cell.newer(0, never);
    return cell.value?.size ?? 0;
  },
  async (onChange) => void watchChanges(onChange),
);

async function watchChanges(onChange: () => void): Promise<never> {
  for (let n = 0; ; n += 1) {
    const [key, value] = changeAt(folder, n, Number(keys));
    while (cell.value?.get(key)?.value !== value) await cell.newer(cell.version, never);
    onChange();
  }
}
