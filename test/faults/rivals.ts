import { eventually } from "../support/process.ts";
import { App } from "./app.ts";
import type { Fault } from "./fault.ts";
import type { World } from "./world.ts";

/** Two agents want the same key, or somebody takes what is not his. */
export const rivals: readonly Fault[] = [
  {
    name: "another agent claims the id of an instance",
    setting: { members: 1 },
    async strike(world) {
      const claimed = steady(world);
      const app = await App.start(world.scope, claimed.key, world.network.address);
      const rival = await world.announce(world.watcher.host, app);
      await eventually("the rival is told that the id is taken", () =>
        rival.events().some(({ code }) => code === "KEYSPACE_KEY_CONFLICT"),
      );
      await rival.signal("SIGTERM");
      app.down();
    },
    since: "it has been refused and has left",
    entries: "kept",
    withinMs: 5000,
  },
  {
    name: "another agent announces the very same instance, and leaves",
    setting: { members: 1 },
    async strike(world) {
      const twin = steady(world);
      const other = await world.announce(world.watcher.host, twin);
      await eventually("it is announced twice", () =>
        other.events().some(({ event }) => event === "registered"),
      );
      await other.signal("SIGTERM");
    },
    since: "the other one has left",
    withinMs: 5000,
  },
  {
    name: "somebody removes the entry of an instance",
    setting: { members: 1 },
    async strike(world) {
      await world.store.remove(steady(world).key);
    },
    since: "it is removed",
    withinMs: 5000,
  },
  {
    name: "an administrator ends the agent's session",
    setting: { members: 1 },
    async strike(world) {
      const { entries } = await world.store.read("/services");
      await world.toggle();
      await world.store.endSession(entries.get(steady(world).key)?.owner ?? "");
    },
    since: "it has been ended",
    entries: "anew",
    withinMs: 10_000,
  },
];

function steady({ steady: [first] }: World): App {
  if (!first) throw new Error("there is no instance that is well all the time");
  return first;
}
