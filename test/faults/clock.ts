import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Fault } from "./fault.ts";
import { ttlMs, type World } from "./world.ts";

const hourS = 3600;

/** What the time is said to be jumps; how much of it has passed does not. */
export const clocks: readonly Fault[] = [
  ...([1, -1] as const).map(
    (direction): Fault => ({
      name: `the clock of the agents jumps an hour ${direction > 0 ? "ahead" : "back"}`,
      setting: { members: 1, ownClock: true },
      async strike(world) {
        await jump(world, direction);
        await eventful(world);
      },
      since: "it has jumped",
      entries: "kept",
      withinMs: 10_000,
      mend: async (world) => await jump(world, 0),
    }),
  ),
  ...([1, -1] as const).map(
    (direction): Fault => ({
      name: `the clock of the machine jumps an hour ${direction > 0 ? "ahead" : "back"}, for agents and server`,
      setting: { members: 1 },
      disturbing: true,
      async strike(world) {
        await moveClock(direction * hourS);
        await eventful(world);
      },
      since: "it has jumped",
      entries: "kept",
      withinMs: 10_000,
      mend: async () => await moveClock(-direction * hourS),
    }),
  ),
];

async function eventful({ toggle, change }: World): Promise<void> {
  await toggle();
  await change();
  await delay(2 * ttlMs);
}

/** Sets the clock that libfaketime shows to the agents. */
async function jump({ clockFile }: World, hours: number): Promise<void> {
  await writeFile(clockFile, `${hours < 0 ? "-" : "+"}${Math.abs(hours) * hourS}`);
}

async function moveClock(bySeconds: number): Promise<void> {
  await promisify(execFile)("date", ["-s", `@${Date.now() / 1000 + bySeconds}`]);
}
