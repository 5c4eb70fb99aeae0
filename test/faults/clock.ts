import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Fault } from "./fault.ts";
import { ttlMs, type World } from "./world.ts";

const hourS = 3600;

/** The wall clock jumps; the monotonic clock does not. */
export const clocks: readonly Fault[] = [
  ...([1, -1] as const).map(
    (direction): Fault => ({
      name: `the clock of the agents jumps ${direction > 0 ? "forward" : "back"} by an hour`,
      setting: { members: 1, ownClock: true },
      async inject(world) {
        await jump(world, direction);
        await makeChanges(world);
      },
      since: "the clock has jumped",
      entries: "kept",
      withinMs: 10_000,
      repair: async (world) => await jump(world, 0),
    }),
  ),
  ...([1, -1] as const).map(
    (direction): Fault => ({
      name: `the clock of the machine jumps ${direction > 0 ? "forward" : "back"} by an hour, for agents and server`,
      setting: { members: 1 },
      disturbing: true,
      async inject(world) {
        await moveClock(direction * hourS);
        await makeChanges(world);
      },
      since: "the clock has jumped",
      entries: "kept",
      withinMs: 10_000,
      repair: async () => await moveClock(-direction * hourS),
    }),
  ),
];

async function makeChanges({ toggle, change }: World): Promise<void> {
  await toggle();
  await change();
  await delay(2 * ttlMs);
}

/** Moves the clock of the agents, through libfaketime. */
async function jump({ clockFile }: World, hours: number): Promise<void> {
  await writeFile(clockFile, `${hours < 0 ? "-" : "+"}${Math.abs(hours) * hourS}`);
}

async function moveClock(bySeconds: number): Promise<void> {
  await promisify(execFile)("date", ["-s", `@${Date.now() / 1000 + bySeconds}`]);
}
