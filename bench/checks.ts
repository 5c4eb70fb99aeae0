/**
 * The cost of checks: so many probes each second by a presence agent, each on a connection of its own. Several builds are
 * measured side by side, together with a bare program that makes the same probes.
 *
 *   npm run bench:checks
 *   node bench/checks.ts --rate 500 --seconds 60 dist ../other/dist        other builds, by their folders
 *   node bench/checks.ts --type tcp                                        TCP checks
 *   node bench/checks.ts --tripwire                                        with and without tripwire
 *   node bench/checks.ts --v8=--max-semi-space-size=1                      with an option of V8
 *   node bench/checks.ts --profile folder                                  with a profile of the processor time
 */
import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import {
  eventually,
  freePort,
  type Running,
  start,
  throwAwayFolder,
} from "../test/support/process.ts";
import { memory, preciseCpuMs } from "./cost.ts";
import { startStore } from "./stores.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: "string", default: "500" },
    seconds: { type: "string", default: "60" },
    type: { type: "string", default: "http" },
    tripwire: { type: "boolean", default: false },
    v8: { type: "string" },
    profile: { type: "string" },
  },
});
const rate = Number(options.rate);
const seconds = Number(options.seconds);
const builds = positionals.length > 0 ? positionals : ["dist"];

/** Starts a process that answers all requests. Resolves with its port and the number of its connections so far. */
async function startTarget(scope: CleanupScope) {
  const port = await freePort();
  const code = `
    let connections = 0;
    require("node:http")
      .createServer((request, response) => response.end(request.url === "/count" ? String(connections) : "up"))
      .on("connection", () => { connections += 1; })
      .listen(${port}, "127.0.0.1", 4096);`;
  start(scope, [process.execPath, "-e", code]);
  const count = async () => Number(await (await fetch(`http://127.0.0.1:${port}/count`)).text());
  await eventually("the target answers", count);
  return { port, count };
}

/** Settings of all checks, by what they are called in the table; builds before the tripwire do not know it. */
const variants: Readonly<Record<string, object>> = options.tripwire
  ? { " without tripwire": { tripwire: false }, " with tripwire": { tripwire: true } }
  : { "": {} };

/** Starts a presence agent of this build, whose instances are all checked once a second. */
async function startAgent(
  scope: CleanupScope,
  build: string,
  keyspace: string,
  port: number,
  more: object,
): Promise<Running> {
  const folder = await throwAwayFolder(scope);
  const checks = [{ type: options.type, interval: "1s", ...more }];
  const services = Array.from({ length: rate }, (_, i) => {
    return { name: `service-${i}`, host: "127.0.0.1", port, checks };
  });
  const config = { keyspace, presence: { services } };
  await writeFile(join(folder, "sidekick.json"), JSON.stringify(config));
  const profiling = options.profile ? ["--cpu-prof", `--cpu-prof-dir=${options.profile}`] : [];
  const v8 = options.v8 ? [options.v8] : [];
  const main = [process.execPath, ...v8, ...profiling, join(resolve(build), "cli/main.js")];
  const argv = [...main, "presence", "-c", join(folder, "sidekick.json")];
  const env = { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const agent = start(scope, argv, { env });
  const registered = () => (agent.output().match(/"event":"registered"/g)?.length ?? 0) >= rate;
  await eventually(`${build} registers`, registered, 120_000);
  return agent;
}

await using scope = new CleanupScope();
const bareTarget = await startTarget(scope);
const bare = start(scope, [
  process.execPath,
  join(import.meta.dirname, "bare-checks.ts"),
  ...[bareTarget.port, rate].map(String),
]);
const measured = [{ name: "bare", running: bare, target: bareTarget }];
for (const build of builds) {
  for (const [name, more] of Object.entries(variants)) {
    const { url } = await startStore("etcd", scope);
    const target = await startTarget(scope);
    const running = await startAgent(scope, build, url, target.port, more);
    measured.push({ name: `${build}${name}`, running, target });
  }
}
await delay(5000);
const look = () =>
  Promise.all(
    measured.map(async ({ running, target }) => {
      const count = await target.count();
      return { count, cpuMs: await preciseCpuMs(running.pid), atMs: performance.now() };
    }),
  );
const before = await look();
await delay(seconds * 1000);
const after = await look();
console.log("| build | probes/s | µs of CPU for each | % of a core | MB, peak | descriptors |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const [i, { name, running }] of measured.entries()) {
  const [from, to] = [before[i], after[i]];
  if (!from || !to) throw new Error(`${name} was not measured`);
  const [probes, usedMs] = [to.count - from.count, to.cpuMs - from.cpuMs];
  const passedMs = to.atMs - from.atMs;
  const { nowMb, peakMb } = await memory(running.pid);
  const cells = [
    name,
    ((probes / passedMs) * 1000).toFixed(0),
    ((usedMs / probes) * 1000).toFixed(0),
    ((usedMs / passedMs) * 100).toFixed(1),
    `${nowMb.toFixed(0)}, ${peakMb.toFixed(0)}`,
    (await readdir(`/proc/${running.pid}/fd`)).length,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
// A profile is written at the end of the process.
if (options.profile) await Promise.all(measured.slice(1).map(({ running }) => running.stop()));
