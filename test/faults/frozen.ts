import { setTimeout as delay } from "node:timers/promises";
import { follower } from "./connections.ts";
import type { Fault } from "./fault.ts";
import { ttlMs } from "./world.ts";

/** A process neither works nor ends: SIGSTOP, as a machine that swaps or a hypervisor that pauses it does. */
export const frozen: readonly Fault[] = [
  {
    name: "the server stands still for three times to live",
    setting: { members: 1 },
    async strike({ store, change, toggle }) {
      const [server] = store.members;
      await change();
      server?.freeze();
      await toggle();
      await delay(3 * ttlMs);
      server?.thaw();
      await change();
    },
    since: "it answers again",
    withinMs: 10_000,
  },
  {
    name: "the server that the watcher talks to stands still; two others are there",
    setting: { members: 3 },
    async strike({ store, watcher, change, toggle }) {
      const member = await follower(watcher.host, store);
      member.freeze();
      await toggle();
      await change();
    },
    since: "the next write is taken",
    withinMs: 20_000,
    async mend({ store }) {
      for (const member of store.members) member.thaw();
    },
  },
  {
    name: "the presence agent stands still for three times to live",
    setting: { members: 1 },
    async strike({ presence, change, toggle }) {
      await presence.signal("SIGSTOP");
      await change();
      await toggle();
      await delay(3 * ttlMs);
      await presence.signal("SIGCONT");
    },
    since: "it goes on",
    entries: "anew",
    withinMs: 10_000,
  },
  {
    name: "the watcher stands still for three times to live",
    setting: { members: 1 },
    async strike({ watcher, change, toggle }) {
      await watcher.signal("SIGSTOP");
      await change();
      await toggle();
      await delay(3 * ttlMs);
      await change();
      await watcher.signal("SIGCONT");
    },
    since: "it goes on",
    entries: "kept",
    withinMs: 10_000,
  },
];
