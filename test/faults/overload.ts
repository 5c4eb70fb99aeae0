import { inParallel } from "../support/in-parallel.ts";
import { eventually } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import type { World } from "./world.ts";

const [keys, width] = [200, 64];

/** Changes are faster than the agents process them. `rounds`: how often each of the 200 keys is written. */
export const overload = (rounds: number): readonly Fault[] => [
  {
    name: `the watcher is frozen during ${keys * rounds} changes`,
    setting: { members: 1 },
    isLong: true,
    async inject(world) {
      await world.watcher.signal("SIGSTOP");
      await manyChanges(world, rounds);
      await world.watcher.signal("SIGCONT");
    },
    since: "the agent runs again",
    entries: "kept",
    // The changes that it had received before it was frozen are shown first.
    lagMs: 20_000,
    withinMs: 20_000,
  },
  {
    name: `${keys * rounds} changes are written as fast as the server accepts them`,
    setting: { members: 1 },
    isLong: true,
    inject: (world) => manyChanges(world, rounds),
    since: "the last change was accepted",
    withinMs: 20_000,
  },
];

/** Overwrites the same keys many times: the last value of each has to be shown. */
async function manyChanges({ store, model }: World, rounds: number): Promise<void> {
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
