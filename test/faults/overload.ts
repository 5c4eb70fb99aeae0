import { inParallel } from "../support/in-parallel.ts";
import { eventually } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import type { World } from "./world.ts";

const [keys, rounds, width] = [200, 50, 64];

/** More happens than is taken note of. */
export const overload: readonly Fault[] = [
  {
    name: `the watcher stands still while ${keys * rounds} changes are made`,
    setting: { members: 1 },
    async strike(world) {
      await world.watcher.signal("SIGSTOP");
      await manyChanges(world);
      await world.watcher.signal("SIGCONT");
    },
    since: "it goes on",
    entries: "kept",
    // What had come before it stood still is shown first.
    lagMs: 20_000,
    withinMs: 20_000,
  },
  {
    name: `${keys * rounds} changes are made as fast as the server takes them`,
    setting: { members: 1 },
    strike: manyChanges,
    since: "the last change was taken",
    withinMs: 20_000,
  },
];

/** Writes the same keys again and again: the last value of each is what has to be shown. */
async function manyChanges({ store, model }: World): Promise<void> {
  const before = [...(await store.read("/services/others")).entries.keys()];
  for (let round = 1; round <= rounds; round += 1) {
    const entries = Array.from({ length: keys }, (_, i) => {
      const value = JSON.stringify({ host: "10.8.8.8", port: 300 * round + i });
      return [`/services/many/${i}`, value] as const;
    });
    model.others = new Map(entries);
    await inParallel(entries, width, async ([key, value]) => {
      await eventually("it is written", () => store.write(key, value).then(() => true));
    });
  }
  for (const key of before) await store.remove(key);
}
