/**
 * A cluster of three, four machines with three instances each, two watchers; for some minutes instances come
 * and go, agents leave, crash and stand still, servers are killed, frozen and cut off. What must be visible is
 * predicted; every half minute all is left alone, and then nothing may differ. Prints how long each difference
 * lasted in between, and ends with exit code 1 where a promise was broken.
 *
 *   npm run soak -- --keyspace etcd --minutes 10 --seed 1
 *
 * The same seed makes the same things happen in the same order.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { measuredSoakFile, readSoaks, type Soak } from "../../docs/generate/recovery-page.ts";
import { lineOf } from "../faults/model.ts";
import { createNetwork } from "../faults/network.ts";
import { Settings } from "../faults/settings.ts";
import { startStore } from "../faults/world.ts";
import { CleanupScope } from "../support/cleanup-scope.ts";
import { throwAwayFolder } from "../support/process.ts";
import { type Action, chosen, everyday, serverFaults } from "./actions.ts";
import { Differences, type Look } from "./differences.ts";
import { Front, Machine } from "./fleet.ts";
import { seeded } from "../support/random.ts";
import { summarize } from "./summary.ts";

const root = join(import.meta.dirname, "../..");

const { values: options } = parseArgs({
  options: {
    keyspace: { type: "string", default: "etcd" },
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});

const kind = options.keyspace === "zookeeper" ? "zookeeper" : "etcd";
const ttlMs = 3000;

/** Between two times of rest, in milliseconds. */
const roundMs = 30_000;

/** After so long without a fault nothing may differ any more, in milliseconds. */
const restWithinMs = 20_000;

/** Nothing may differ for so long before it counts as rest, in milliseconds: longer than the time to live. */
const steadyMs = ttlMs + 500;

await using ending = new CleanupScope();
const folder = await throwAwayFolder(ending);
const network = await createNetwork(ending);
const store = await startStore(ending, network, kind, { members: 3 });
const settings = await Settings.make(folder, store.url, undefined, undefined);
const machines: Machine[] = [];
for (const name of ["m1", "m2", "m3", "m4"]) {
  const keys = ["web", "api", "db"].map((service) => `/services/${service}/${name}`);
  machines.push(await Machine.make(ending, network, name, keys, settings, ttlMs));
}
const fronts = [
  await Front.make(ending, network, "f1", settings),
  await Front.make(ending, network, "f2", settings),
];
for (const machine of machines) machine.start();

const seed = Number(options.seed);
const stage = { store, machines, fronts };
const differences = new Differences();
const made = new Map<string, number>();
const possible = new Set(machines.flatMap((machine) => machine.possible()));
const broken: string[] = [];
let isFaulty = false;
let equalSinceMs: number | undefined;

async function lookOn(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const look = await lookNow();
    differences.look(look);
    if (!look.held || differences.open.length > 0) equalSinceMs = undefined;
    else equalSinceMs ??= look.atMs;
    for (const [file, lines] of look.shown) {
      for (const line of lines) if (!possible.has(line)) broken.push(`${file} showed ${line}`);
    }
    await delay(50);
  }
}

async function lookNow(): Promise<Look> {
  const reading = await store.read("/services").catch(() => undefined);
  const shown = new Map<string, ReadonlySet<string>>();
  for (const front of fronts) shown.set(front.name, await front.shown());
  return {
    atMs: performance.now(),
    wanted: new Set(machines.flatMap((machine) => machine.lines())),
    open: new Set(machines.filter(({ isStill }) => isStill).flatMap((m) => m.possible())),
    held: reading && new Set([...reading.entries].map(([key, { value }]) => lineOf(key, value))),
    shown,
    isFaulty,
  };
}

/** Chance is drawn from a sequence of its own, so that what others draw meanwhile makes no difference. */
async function repeatedly(
  actions: readonly Action[],
  random: () => number,
  pauseMs: number,
  untilMs: number,
): Promise<void> {
  while (performance.now() < untilMs) {
    await delay(random() * 2 * pauseMs);
    const action = chosen(actions, random);
    made.set(action.name, (made.get(action.name) ?? 0) + 1);
    await action.make({ ...stage, random });
  }
}

/** Of the servers, one fault at a time. */
const accident = (action: Action): Action => ({
  ...action,
  make: async (stage) => {
    isFaulty = true;
    await action.make(stage);
    isFaulty = false;
  },
});

async function rest(): Promise<void> {
  for (const machine of machines) if (machine.isStill) await machine.goOn();
  const limitMs = performance.now() + restWithinMs + steadyMs;
  while (equalSinceMs === undefined || performance.now() - equalSinceMs < steadyMs) {
    if (performance.now() > limitMs) {
      broken.push(...differences.open.map((open) => `at rest: ${open}`));
      return;
    }
    await delay(50);
  }
}

const [days, accidents] = [seeded(seed), seeded(seed + 1)];
const stop = new AbortController();
const looking = lookOn(stop.signal);
await rest();
const endMs = performance.now() + Number(options.minutes) * 60_000;
let rests = 0;
while (performance.now() < endMs && broken.length === 0) {
  const untilMs = Math.min(endMs, performance.now() + roundMs);
  await Promise.all([
    repeatedly(everyday, days, 800, untilMs),
    repeatedly(serverFaults.map(accident), accidents, 3000, untilMs),
  ]);
  await rest();
  rests += 1;
  console.error(`${rests} times at rest, ${differences.over.length} differences have passed`);
}
stop.abort();
await looking;

const soak: Soak = {
  keyspace: kind,
  seed,
  minutes: Number(options.minutes),
  ttlMs,
  rests,
  differencesAtRest: broken.length,
  made: [...made],
  rows: summarize(differences.over),
};
console.log(JSON.stringify(soak, undefined, 1));
for (const line of broken.slice(0, 20)) console.log(`BROKEN ${line}`);
if (broken.length === 0) {
  const all = (await readSoaks(root)).filter(({ keyspace }) => keyspace !== kind);
  const sorted = [...all, soak].sort((a, b) => a.keyspace.localeCompare(b.keyspace));
  await writeFile(join(root, measuredSoakFile), `${JSON.stringify(sorted, undefined, 1)}\n`);
} else {
  process.exitCode = 1;
  for (const { agent } of machines) console.log(agent?.output().slice(-3000));
  for (const { agent } of fronts) console.log(agent.output().slice(-3000));
}
