import { eventually } from "../support/process.ts";
import { App } from "./app.ts";
import type { Fault } from "./fault.ts";
import type { World } from "./world.ts";

/** Two agents use the same key, or another client changes the entries of an agent. */
export const rivals: readonly Fault[] = [
  {
    name: "another agent registers another instance under the same id",
    setting: { members: 1 },
    async inject(world) {
      const { key } = stableApp(world);
      const app = await App.start(world.scope, key, world.network.address);
      const rival = await world.register(world.watcher.host, app);
      await eventually("the rival reports the conflict", () =>
        rival.events().some(({ code }) => code === "KEYSPACE_KEY_CONFLICT"),
      );
      await rival.signal("SIGTERM");
      app.down();
    },
    since: "the other agent has been rejected and has shut down",
    entries: "kept",
    withinMs: 5000,
  },
  {
    name: "another agent registers the same instance and shuts down",
    setting: { members: 1 },
    async inject(world) {
      const twin = stableApp(world);
      const other = await world.register(world.watcher.host, twin);
      await eventually("the other agent stands by", () =>
        other.events().some(({ event }) => event === "standby"),
      );
      await other.signal("SIGTERM");
    },
    since: "the other agent has shut down",
    entries: "kept",
    withinMs: 5000,
  },
  {
    name: "another client removes the entry of an instance",
    setting: { members: 1 },
    async inject(world) {
      await world.store.remove(stableApp(world).key);
    },
    since: "the entry is removed",
    withinMs: 5000,
  },
  {
    name: "an administrator ends the session of the agent",
    setting: { members: 1 },
    async inject(world) {
      const { entries } = await world.store.read("/services");
      await world.toggle();
      await world.store.endSession(entries.get(stableApp(world).key)?.owner ?? "");
    },
    since: "the session has ended",
    entries: "registered again",
    withinMs: 10_000,
  },
];

function stableApp({ stable: [first] }: World): App {
  if (!first) throw new Error("there is no stable instance");
  return first;
}
