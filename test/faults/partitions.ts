import { setTimeout as delay } from "node:timers/promises";
import { follower, leading } from "./connections.ts";
import type { Fault } from "./fault.ts";
import { ttlMs, type World } from "./world.ts";

/** Packets are dropped without a word, between agents and servers and among the servers. */
export const partitions: readonly Fault[] = [
  {
    name: "agents and server lose each other's packets for three times to live",
    setting: { members: 1 },
    async strike(world) {
      const [server] = world.store.members;
      await server?.host.cutOff([world.presence.host, world.watcher.host]);
      await world.change();
      await world.toggle();
      await delay(3 * ttlMs);
      await world.change();
      await server?.host.restore();
    },
    since: "packets arrive again",
    entries: "anew",
    withinMs: 10_000,
  },
  {
    name: "the watcher and its server lose each other's packets; two others are there",
    setting: { members: 3 },
    async strike({ store, watcher, change, toggle }) {
      const member = await follower(watcher.host, store);
      await member.host.cutOff([watcher.host]);
      await change();
      await toggle();
    },
    since: "packets are dropped",
    entries: "kept",
    withinMs: 20_000,
    mend: heal,
  },
  {
    name: "the presence agent and its server lose each other's packets; two others are there",
    setting: { members: 3 },
    async strike({ store, presence, change, toggle }) {
      const member = await follower(presence.host, store);
      await member.host.cutOff([presence.host]);
      await change();
      await toggle();
    },
    since: "packets are dropped",
    withinMs: 20_000,
    mend: heal,
  },
  {
    name: "a server that agents talk to is cut off from the two others, but not from the agents",
    setting: { members: 3 },
    async strike({ store, watcher, change, toggle }) {
      const member = await follower(watcher.host, store);
      await member.host.cutOff(store.members.filter((m) => m !== member).map(({ host }) => host));
      await toggle();
      await change();
    },
    since: "the next write is taken",
    withinMs: 20_000,
    mend: heal,
  },
  {
    name: "the leader is cut off from the two others, but not from the agents",
    setting: { members: 3 },
    async strike({ store, change, toggle }) {
      const leader = await leading(store);
      await leader.host.cutOff(store.members.filter((m) => m !== leader).map(({ host }) => host));
      await toggle();
      await change();
    },
    since: "a write is taken again",
    withinMs: 20_000,
    mend: heal,
  },
];

async function heal({ store }: World): Promise<void> {
  for (const { host } of store.members) await host.restore();
}
