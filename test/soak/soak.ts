/**
 * A cluster of three servers, four machines with three instances each, and two watchers. For several minutes instances
 * start and stop, agents shut down, crash and freeze, and servers are killed, frozen and cut off. The expected state is
 * predicted. Every half minute all actions pause, and after that nothing may differ from it. Prints how long differences
 * lasted in between, and exits with 1 if one was left in a pause, or if a file was seen with a text that the journal of its watcher
 * does not explain: each has a generation with a cause.
 *
 *   npm run bench:soak -- --keyspace etcd --minutes 10 --seed 1
 *
 * The same seed causes the same actions in the same order.
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
import { seeded } from "../support/random.ts";
import { root } from "../support/sources.ts";
import { type Action, chosen, everyday, serverFaults } from "./actions.ts";
import { Differences, type Sample } from "./differences.ts";
import { Front, Machine } from "./fleet.ts";
import { SeenTexts } from "./seen-texts.ts";
import { summarize } from "./summary.ts";

const { values: options } = parseArgs({
  options: {
    keyspace: { type: "string", default: "etcd" },
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});

const kind = options.keyspace === "zookeeper" ? "zookeeper" : "etcd";
const ttlMs = 3000;

/** The time between two pauses, in milliseconds. */
const roundMs = 30_000;

/** The maximum time in a pause until nothing differs, in milliseconds. */
const restWithinMs = 20_000;

/** Nothing may differ for this time, in milliseconds: longer than the TTL. */
const steadyMs = ttlMs + 500;

await using scope = new CleanupScope();
const folder = await throwAwayFolder(scope);
const network = await createNetwork(scope);
const store = await startStore(scope, network, kind, { members: 3 });
const settings = await Settings.make(folder, store.url, undefined, undefined);
const machines: Machine[] = [];
for (const name of ["m1", "m2", "m3", "m4"]) {
  const keys = ["web", "api", "db"].map((service) => `/services/${service}/${name}`);
  machines.push(await Machine.make(scope, network, name, keys, settings, ttlMs));
}
const fronts = [
  await Front.make(scope, network, "f1", settings),
  await Front.make(scope, network, "f2", settings),
];
for (const machine of machines) machine.start();

const seed = Number(options.seed);
const stage = { store, machines, fronts };
const differences = new Differences();
const seen = new SeenTexts();
const taken = new Map<string, number>();
const possible = new Set(machines.flatMap((machine) => machine.possible()));
const violations: string[] = [];
let isFaulty = false;
let equalSinceMs: number | undefined;

async function record(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const sample = await takeSample();
    differences.add(sample);
    if (!sample.keyspace || differences.open.length > 0) equalSinceMs = undefined;
    else equalSinceMs ??= sample.atMs;
    for (const [file, lines] of sample.files) {
      for (const line of lines) if (!possible.has(line)) violations.push(`${file} showed ${line}`);
    }
    await delay(50);
  }
}

async function takeSample(): Promise<Sample> {
  const reading = await store.read("/services").catch(() => undefined);
  const entries = reading && [...reading.entries].map(([key, { value }]) => lineOf(key, value));
  const files = new Map<string, ReadonlySet<string>>();
  for (const front of fronts) {
    const text = await front.text();
    seen.add(front, text);
    files.set(front.name, new Set(text.split("\n").filter(Boolean)));
  }
  return {
    atMs: performance.now(),
    expected: new Set(machines.flatMap((machine) => machine.lines())),
    optional: new Set(machines.filter(({ isFrozen }) => isFrozen).flatMap((m) => m.possible())),
    keyspace: entries && new Set(entries),
    files,
    isFaulty,
  };
}

/** Runs random actions. Each caller has a random sequence of its own, so that the others do not affect it. */
async function repeatedly(
  actions: readonly Action[],
  random: () => number,
  pauseMs: number,
  untilMs: number,
): Promise<void> {
  while (performance.now() < untilMs) {
    await delay(random() * 2 * pauseMs);
    const action = chosen(actions, random);
    taken.set(action.name, (taken.get(action.name) ?? 0) + 1);
    await action.run({ ...stage, random });
  }
}

/** The same action, during which a server counts as failing. */
const asFault = (action: Action): Action => ({
  ...action,
  run: async (stage) => {
    isFaulty = true;
    await action.run(stage);
    isFaulty = false;
  },
});

async function rest(): Promise<void> {
  for (const machine of machines) if (machine.isFrozen) await machine.resume();
  const limitMs = performance.now() + restWithinMs + steadyMs;
  while (equalSinceMs === undefined || performance.now() - equalSinceMs < steadyMs) {
    if (performance.now() > limitMs) {
      violations.push(...differences.open.map((open) => `at rest: ${open}`));
      return;
    }
    await delay(50);
  }
}

const [everydayRandom, faultRandom] = [seeded(seed), seeded(seed + 1)];
const stop = new AbortController();
const recording = record(stop.signal);
await rest();
const endMs = performance.now() + Number(options.minutes) * 60_000;
let rests = 0;
while (performance.now() < endMs && violations.length === 0) {
  const untilMs = Math.min(endMs, performance.now() + roundMs);
  await Promise.all([
    repeatedly(everyday, everydayRandom, 800, untilMs),
    repeatedly(serverFaults.map(asFault), faultRandom, 3000, untilMs),
  ]);
  await rest();
  rests += 1;
  console.error(`paused ${rests} times, ${differences.ended.length} differences have ended`);
}
stop.abort();
await recording;
violations.push(...(await seen.unexplained(fronts)));

const soak: Soak = {
  keyspace: kind,
  seed,
  minutes: Number(options.minutes),
  ttlMs,
  rests,
  differencesAtRest: violations.length,
  texts: seen.size,
  made: [...taken],
  rows: summarize(differences.ended),
};
console.log(JSON.stringify(soak, undefined, 1));
for (const line of violations.slice(0, 20)) console.log(`VIOLATION ${line}`);
if (violations.length === 0) {
  const all = (await readSoaks(root)).filter(({ keyspace }) => keyspace !== kind);
  const sorted = [...all, soak].sort((a, b) => a.keyspace.localeCompare(b.keyspace));
  await writeFile(join(root, measuredSoakFile), `${JSON.stringify(sorted, undefined, 1)}\n`);
} else {
  process.exitCode = 1;
  for (const { agent } of machines) console.log(agent?.output().slice(-3000));
  for (const { agent } of fronts) console.log(agent.output().slice(-3000));
}
