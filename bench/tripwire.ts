/**
 * The time from kill -9 of an application until its key is gone, with tripwire and with checks alone: two agents have registered
 * the same applications, with an interval of 2 s, and follow them side by side. Checks start at random, so the kills do, too.
 *
 *   npm run bench:tripwire
 *   node bench/tripwire.ts --rounds 4 etcd        20 kills for each round; one store
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import {
  eventually,
  freePort,
  type Running,
  start,
  throwAwayFolder,
} from "../test/support/process.ts";
import { median } from "./figures.ts";
import { followKeys } from "./followed-keys.ts";
import { startStore } from "./stores.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" } },
});
const rounds = Number(options.rounds);
const stores = positionals.length > 0 ? positionals : ["etcd", "ZooKeeper"];
const apps = 20;

/** The settings of the check; `fall` is that of the agent with checks alone. */
const check = { type: "http", interval: "2s", timeout: "1s", rise: 1 };
const agents = {
  "with tripwire": {},
  "checks, fall 1": { tripwire: false, fall: 1 },
  "checks, fall 2": { tripwire: false, fall: 2 },
  "checks, fall 3": { tripwire: false, fall: 3 },
};
type Name = keyof typeof agents;

const server = `require("node:http").createServer((request, response) => response.end("up")).listen(Number(process.argv[1]), "127.0.0.1")`;

async function measure(store: string): Promise<ReadonlyMap<Name, readonly number[]>> {
  await using scope = new CleanupScope();
  const { url } = await startStore(store, scope);
  const folder = await throwAwayFolder(scope);
  const ports = await Promise.all(Array.from({ length: apps }, freePort));
  const begin = (port: number) =>
    start(scope, [process.execPath, "--max-old-space-size=16", "-e", server, String(port)]);
  const running = new Map<number, Running>(ports.map((port) => [port, begin(port)]));
  const prefixOf = (name: string) => `/${name.replaceAll(/\W+/g, "-")}`;
  for (const [name, more] of Object.entries(agents)) {
    const services = ports.map((port) => ({
      ...{ name: "web", id: String(port), host: "127.0.0.1", port },
      checks: [{ ...check, ...more }],
    }));
    const config = { keyspace: url, presence: { prefix: prefixOf(name), services } };
    const file = join(folder, `${prefixOf(name)}.json`);
    await writeFile(file, JSON.stringify(config));
    start(scope, [...main, "presence", "-c", file], {
      env: { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder },
    });
  }
  const names = Object.keys(agents) as Name[];
  const keys = await followKeys(scope, url, names.map(prefixOf));
  const keyOf = (name: Name, port: number) => `${prefixOf(name)}/web/${port}`;
  const all = names.length * apps;
  const took = new Map<Name, readonly number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    await eventually("all are registered", () => keys.present.size === all, 60_000);
    // The connection of a check is kept from its second probe on at the latest.
    await delay(3000);
    const killed = new Map<number, number>();
    for (const port of ports) {
      await delay(50 + Math.random() * 200);
      killed.set(port, performance.now());
      await running.get(port)?.stop("SIGKILL");
    }
    await eventually("all keys are gone", () => keys.present.size === 0, 60_000);
    for (const name of names) {
      const sinceKill = ports.map(
        (port) =>
          (keys.gone.get(keyOf(name, port)) ?? Number.NaN) - (killed.get(port) ?? Number.NaN),
      );
      took.set(name, [...(took.get(name) ?? []), ...sinceKill]);
    }
    for (const port of ports) running.set(port, begin(port));
  }
  return took;
}

console.log("| store | agent | kills | p50 | worst |");
console.log("| --- | --- | --- | --- | --- |");
for (const store of stores) {
  for (const [name, took] of await measure(store)) {
    const [middle, worst] = [median(took), Math.max(...took)].map((ms) => `${ms.toFixed(0)} ms`);
    console.log(`| ${[store, name, took.length, middle, worst].join(" | ")} |`);
  }
}
