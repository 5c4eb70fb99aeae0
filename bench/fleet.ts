/**
 * What a fleet of watchers costs, itself and etcd: at its start, at rest, for a change, and when etcd is killed and comes back, with
 * its data or with those of a backup. docs/scale.md has the figures, and how they extend to larger fleets.
 *
 *   npm run bench:fleet                                    50 and 200 watchers: 20 GB of memory, 5 minutes
 *   npm run bench:fleet -- --watchers 20 --keys 1000
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Etcd3 } from "etcd3";
import { type Etcd, startEtcd } from "../test/real/etcd.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { throwAwayFolder } from "../test/support/process.ts";
import { median } from "./figures.ts";
import { changedKey, Fleet } from "./fleet-agents.ts";
import { countsOf, describeCalls, noCounts } from "./fleet-counts.ts";
import { monotonicMs } from "./monotonic.ts";

const { values } = parseArgs({
  options: {
    watchers: { type: "string", default: "50,200" },
    agents: { type: "string", default: "5" },
    keys: { type: "string", default: "1000" },
    seconds: { type: "string", default: "20" },
    puts: { type: "string", default: "10" },
    "at-once": { type: "string", default: "4" },
  },
});
const [keys, agents, seconds] = [values.keys, values.agents, values.seconds].map(Number) as [
  number,
  number,
  number,
];

/** Writes the entries of the instances, and resolves with a function that changes one. */
async function fill(scope: CleanupScope, { endpoint }: Etcd) {
  const client = new Etcd3({ hosts: `http://${endpoint}` });
  scope.after(async () => client.close());
  for (let i = 0; i < keys; i += 1) {
    const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:80`;
    const value = JSON.stringify({ address, weight: 1 });
    await client.put(`/services/service-${i % 50}/${address}`).value(value);
  }
  let number = 0;
  return async () => {
    number += 1;
    await client.put(changedKey).value(`change-${number}.`);
    return `change-${number}.`;
  };
}

const line = (what: string, ...figures: readonly string[]) =>
  console.log(`  ${what.padEnd(26)}${figures.join("; ")}`);
const sec = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

async function measure(watchers: number): Promise<void> {
  await using scope = new CleanupScope();
  const [etcd, folder] = [await startEtcd(scope), await throwAwayFolder(scope)];
  const change = await fill(scope, etcd);
  const fleet = new Fleet(scope, folder, etcd.url);
  console.log(`${watchers} watchers, ${agents} agents, ${keys} keys`);
  const timed = async (work: () => Promise<void>) => {
    const begunMs = monotonicMs();
    await work();
    return monotonicMs() - begunMs;
  };
  const reachAll = () => timed(async () => await fleet.allHave(await change()));

  const filled = await countsOf(etcd);
  const startMs = await timed(() => fleet.start(watchers, agents, Number(values["at-once"])));
  await reachAll();
  const [started, atStart] = [await countsOf(etcd), await fleet.cost()];
  const sent = (started.sentBytes - filled.sentBytes) / watchers;
  line("start", sec(startMs), `${atStart.watcher.cpuMs.toFixed(0)} ms of CPU and ${kb(sent)} each`);

  await delay(10_000);
  const [restBefore, costBefore] = [await countsOf(etcd), await fleet.cost()];
  const restMs = await timed(() => delay(seconds * 1000));
  const [restAfter, costAfter] = [await countsOf(etcd), await fleet.cost()];
  for (const kind of ["watcher", "agent"] as const) {
    const { residentMb, proportionalMb, cpuMs } = costAfter[kind];
    const idle = ((cpuMs - costBefore[kind].cpuMs) * 1000) / restMs;
    const memory = `${residentMb.toFixed(0)} MB resident, ${proportionalMb.toFixed(0)} MB proportional`;
    line(`a ${kind} at rest`, `${idle.toFixed(2)} ms of CPU a second`, memory);
  }
  const perSecond = ((restAfter.cpuMs - restBefore.cpuMs) * 1000) / restMs;
  const memory = (restAfter.residentMb - filled.residentMb) / (watchers + agents);
  line(
    "etcd",
    `${perSecond.toFixed(1)} ms of CPU a second`,
    `${(memory * 1000).toFixed(0)} kB of memory a process`,
  );
  const per = ((watchers + agents) * restMs) / 1000;
  line("requests a second, each", describeCalls(restBefore, restAfter, "started", per));
  line("messages a second, each", describeCalls(restBefore, restAfter, "received", per));

  const beforePuts = await countsOf(etcd);
  const tookMs: number[] = [];
  for (let i = 0; i < Number(values.puts); i += 1) tookMs.push(await reachAll());
  const [afterPuts, afterCost] = [await countsOf(etcd), await fleet.cost()];
  const events = watchers * tookMs.length;
  // Without what both use at rest in the meantime.
  const elapsedMs = tookMs.reduce((sum, ms) => sum + ms, 0);
  const etcdMs = (afterPuts.cpuMs - beforePuts.cpuMs - (perSecond * elapsedMs) / 1000) / events;
  const idleMs = (costAfter.watcher.cpuMs - costBefore.watcher.cpuMs) * (elapsedMs / restMs);
  const watcherMs = (afterCost.watcher.cpuMs - costAfter.watcher.cpuMs - idleMs) / tookMs.length;
  const costs = `CPU ${watcherMs.toFixed(1)} ms of each watcher, ${(etcdMs * 1000).toFixed(0)} µs of etcd`;
  line("put → all files", `${sec(median(tookMs))} (median)`, costs);

  const backup = join(folder, "backup.db");
  await etcd.etcdctl("snapshot", "save", backup);
  await reachAll();
  for (const restored of [undefined, backup]) {
    await etcd.kill();
    await delay(3000);
    await etcd.restart(restored ? { restored } : {});
    const syncedMs = await reachAll();
    await delay(2000);
    const counts = await countsOf(etcd);
    line(restored ? "etcd restored" : "etcd killed and back", `all in sync after ${sec(syncedMs)}`);
    line("  etcd", `${kb(counts.sentBytes / watchers)} each`, `CPU ${sec(counts.cpuMs)}`);
    line("  requests", describeCalls(noCounts, counts, "started"));
  }
}

for (const watchers of values.watchers.split(",").map(Number)) await measure(watchers);
