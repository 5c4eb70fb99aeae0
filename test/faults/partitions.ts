import { setTimeout as delay } from "node:timers/promises";
import { follower, leading } from "./connections.ts";
import type { Fault } from "./fault.ts";
import { ttlMs, type World } from "./world.ts";

/** Packets are silently dropped, between agents and servers and between servers. */
export const partitions: readonly Fault[] = [
  {
    name: "packets between the agents and the server are dropped for three TTLs",
    setting: { members: 1 },
    async inject(world) {
      const [server] = world.store.members;
      await server?.host.cutOff([world.presence.host, world.watcher.host]);
      await world.change();
      await world.toggle();
      await delay(3 * ttlMs);
      await world.change();
      await server?.host.restore();
    },
    since: "packets arrive again",
    entries: "registered again",
    withinMs: 10_000,
  },
  {
    name: "packets between the watcher and its server are dropped; two other servers run",
    setting: { members: 3 },
    async inject({ store, watcher, change, toggle }) {
      const member = await follower(watcher.host, store);
      await member.host.cutOff([watcher.host]);
      await change();
      await toggle();
    },
    since: "packets are dropped",
    entries: "kept",
    withinMs: 20_000,
    repair: restoreAll,
  },
  {
    name: "packets between the presence agent and its server are dropped; two other servers run",
    setting: { members: 3 },
    async inject({ store, presence, change, toggle }) {
      const member = await follower(presence.host, store);
      await member.host.cutOff([presence.host]);
      await change();
      await toggle();
    },
    since: "packets are dropped",
    withinMs: 20_000,
    repair: restoreAll,
  },
  {
    name: "a server that agents are connected to is cut off from the two others, but not from the agents",
    setting: { members: 3 },
    async inject({ store, watcher, change, toggle }) {
      const member = await follower(watcher.host, store);
      await member.host.cutOff(store.members.filter((m) => m !== member).map(({ host }) => host));
      await toggle();
      await change();
    },
    since: "the next write is accepted",
    withinMs: 20_000,
    repair: restoreAll,
  },
  {
    name: "the leader is cut off from the two others, but not from the agents",
    setting: { members: 3 },
    async inject({ store, change, toggle }) {
      const leader = await leading(store);
      await leader.host.cutOff(store.members.filter((m) => m !== leader).map(({ host }) => host));
      await toggle();
      await change();
    },
    since: "a write is accepted again",
    withinMs: 20_000,
    repair: restoreAll,
  },
];

async function restoreAll({ store }: World): Promise<void> {
  for (const { host } of store.members) await host.restore();
}
