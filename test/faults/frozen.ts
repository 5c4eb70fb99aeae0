import { setTimeout as delay } from "node:timers/promises";
import { follower } from "./connections.ts";
import type { Fault } from "./fault.ts";
import { ttlMs } from "./world.ts";

/** A process is stopped by SIGSTOP, like on a machine that swaps or that its hypervisor has paused. */
export const frozen: readonly Fault[] = [
  {
    name: "the server is frozen for three TTLs",
    setting: { members: 1 },
    async inject({ store, change, toggle }) {
      const [server] = store.members;
      await change();
      server?.freeze();
      await toggle();
      await delay(3 * ttlMs);
      server?.thaw();
      await change();
    },
    since: "the server answers again",
    withinMs: 10_000,
  },
  {
    name: "the server that the watcher is connected to is frozen; two other servers run",
    setting: { members: 3 },
    async inject({ store, watcher, change, toggle }) {
      const member = await follower(watcher.host, store);
      member.freeze();
      await toggle();
      await change();
    },
    since: "the next write is accepted",
    withinMs: 20_000,
    async repair({ store }) {
      for (const member of store.members) member.thaw();
    },
  },
  {
    name: "the presence agent is frozen for three TTLs",
    setting: { members: 1 },
    async inject({ presence, change, toggle }) {
      await presence.signal("SIGSTOP");
      await change();
      await toggle();
      await delay(3 * ttlMs);
      await presence.signal("SIGCONT");
    },
    since: "the agent runs again",
    entries: "registered again",
    withinMs: 10_000,
  },
  {
    name: "the watcher is frozen for three TTLs",
    setting: { members: 1 },
    async inject({ watcher, change, toggle }) {
      await watcher.signal("SIGSTOP");
      await change();
      await toggle();
      await delay(3 * ttlMs);
      await change();
      await watcher.signal("SIGCONT");
    },
    since: "the agent runs again",
    entries: "kept",
    withinMs: 10_000,
  },
];
