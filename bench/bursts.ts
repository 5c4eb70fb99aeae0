/**
 * Changes that follow one another closely: the time from each put to the file that has it, and how often the file is written.
 * Several builds are measured side by side, together with the raw watch event of the same put.
 *
 *   npm run bench:bursts
 *   node bench/bursts.ts --keys 1000 --puts 400 --every 5 dist ../other/dist        other builds, by their folders
 */
import { watch } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Etcd3 } from "etcd3";
import { startEtcd } from "../test/real/etcd.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";
import { preciseCpuMs } from "./cost.ts";
import { median, quantile } from "./figures.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keys: { type: "string", default: "1000" },
    puts: { type: "string", default: "400" },
    every: { type: "string", default: "5" },
  },
});
const builds = positionals.length > 0 ? positionals : ["dist"];
const puts = Number(options.puts);

await using scope = new CleanupScope();
const { url, endpoint } = await startEtcd(scope);
const etcd = new Etcd3({ hosts: `http://${endpoint}` });
scope.after(() => etcd.close());
for (let i = 0; i < Number(options.keys); i += 1) await etcd.put(`/app/key-${i}`).value("0");
await etcd.put("/app/probe").value("-1");

/** The milliseconds from each put to the first sight of it, by a file or an event. */
class Sightings {
  readonly ms: number[] = [];
  writes = 0;
  #next = 0;

  /** The puts up to this one are seen. */
  see(latest: number): void {
    for (; this.#next <= latest; this.#next += 1) {
      this.ms.push(performance.now() - (putAtMs[this.#next] ?? 0));
    }
  }
}
const putAtMs: number[] = [];

async function watcher(build: string) {
  const folder = await throwAwayFolder(scope);
  const target = join(folder, "out", "list");
  await mkdir(join(folder, "out"));
  await writeFile(
    join(folder, "list.hbs"),
    '{{getv "/app/probe"}}\n{{#each (getvs "/app/*")}}{{this}}\n{{/each}}',
  );
  const templates = [{ source: "list.hbs", target, prefixes: ["/app"], format: "plain" }];
  const config = { keyspace: url, watch: { templates, acknowledge: false } };
  await writeFile(join(folder, "sidekick.json"), JSON.stringify(config));
  const main = [process.execPath, join(resolve(build), "cli/main.js")];
  const env = { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const agent = start(scope, [...main, "watch", "-c", join(folder, "sidekick.json")], { env });
  const latest = async () => Number.parseInt(await readFile(target, "utf8"), 10);
  await eventually(`${build} writes`, latest, 60_000);
  const seen = new Sightings();
  const files = watch(join(folder, "out"), async (_, name) => {
    if (name !== "list") return;
    seen.writes += 1;
    seen.see(await latest());
  });
  scope.after(() => files.close());
  return { build, agent, seen };
}

const watchers: Awaited<ReturnType<typeof watcher>>[] = [];
for (const build of builds) watchers.push(await watcher(build));
const raw = new Sightings();
const events = await etcd.watch().key("/app/probe").create();
events.on("put", ({ value }) => raw.see(Number(value.toString())));
await delay(3000);
const before = await Promise.all(watchers.map(({ agent }) => preciseCpuMs(agent.pid)));
for (let i = 0; i < puts; i += 1) {
  putAtMs[i] = performance.now();
  await etcd.put("/app/probe").value(String(i));
  await delay(Number(options.every));
}
const isSeen = () =>
  [raw, ...watchers.map(({ seen }) => seen)].every(({ ms }) => ms.length >= puts);
await eventually("all puts are seen", isSeen, 60_000);
const after = await Promise.all(watchers.map(({ agent }) => preciseCpuMs(agent.pid)));
const times = ({ ms }: Sightings) => `${median(ms).toFixed(1)} / ${quantile(ms, 0.99).toFixed(1)}`;
console.log("| build | put → seen: median / 99 %, ms | writes | ms of CPU for each put |");
console.log("| --- | --- | --- | --- |");
console.log(`| raw watch event | ${times(raw)} | | |`);
for (const [i, { build, seen }] of watchers.entries()) {
  const cpuMs = ((after[i] ?? 0) - (before[i] ?? 0)) / puts;
  console.log(`| ${build} | ${times(seen)} | ${seen.writes} | ${cpuMs.toFixed(2)} |`);
}
await events.cancel();
