import { setTimeout as delay } from "node:timers/promises";
import { leading } from "./connections.ts";
import type { Fault } from "./fault.ts";
import { ttlMs } from "./world.ts";

/** The server, or too many of them, is down for a while. */
export const outages: readonly Fault[] = [
  ...[1, 10, 30].map(
    (seconds): Fault => ({
      name: `the server is killed and restarted after ${seconds} s`,
      setting: { members: 1 },
      isLong: seconds > 10,
      async inject({ store, change, toggle }) {
        const [server] = store.members;
        await change();
        await server?.kill();
        await toggle();
        await delay(seconds * 1000);
        await server?.restart();
        await change();
      },
      since: "the server answers again",
      withinMs: 10_000,
    }),
  ),
  {
    name: "the leader is killed",
    setting: { members: 3 },
    async inject({ store, change, toggle }) {
      const leader = await leading(store);
      await leader.kill();
      await toggle();
      await change();
    },
    since: "the next leader accepts a write",
    withinMs: 10_000,
    async repair({ store }) {
      for (const member of store.members) if (await isDown(member.pid)) await member.restart();
    },
  },
  {
    name: "two of three servers are killed and restarted after three TTLs",
    setting: { members: 3 },
    async inject({ store, change, toggle }) {
      await change();
      const [one, two] = store.members;
      await Promise.all([one?.kill(), two?.kill()]);
      await toggle();
      await delay(3 * ttlMs);
      await Promise.all([one?.restart(), two?.restart()]);
      await change();
    },
    since: "a write is accepted again",
    withinMs: 10_000,
  },
  {
    name: "all three servers are restarted, one after the other",
    setting: { members: 3 },
    async inject({ store, change, toggle }) {
      for (const member of store.members) {
        await member.kill();
        await toggle();
        await member.restart();
        await change();
      }
    },
    since: "the last server answers",
    withinMs: 10_000,
  },
];

async function isDown(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
