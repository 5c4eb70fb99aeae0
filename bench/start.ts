/**
 * Cold starts of commands, as ratios to the start of Node.js itself, and the memory of idle agents, beside Node.js and a
 * bare client of etcd. Several builds are measured alternately, so that all have the same machine.
 *
 *   npm run bench:start
 *   node bench/start.ts --runs 21 dist ../other/dist        other builds, by their folders
 *   node bench/start.ts dist packages/sidekick-linux-x64    and single executables, by their files
 */
import { statSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, type Running, start, throwAwayFolder } from "../test/support/process.ts";
import { median } from "./figures.ts";
import { monotonicMs } from "./monotonic.ts";
import { startStore } from "./stores.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "11" } },
});
const runs = Number(values.runs);
const builds = (positionals.length > 0 ? positionals : ["dist"]).map((build) => ({
  build,
  main: statSync(build).isDirectory()
    ? [process.execPath, join(resolve(build), "cli/main.js")]
    : [resolve(build)],
}));

await using scope = new CleanupScope();
const folder = await throwAwayFolder(scope);
const env = { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };

/** A service that answers, for the check of the presence agents. */
const port = await new Promise<number>((listening) => {
  const server = createServer((_, response) => response.end());
  scope.after(() => server.close());
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    listening(address !== null && typeof address === "object" ? address.port : 0);
  });
});

async function configure(name: string, keyspace: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  const text = `keyspace: ${keyspace}
presence:
  services: [{ name: web, host: 127.0.0.1, port: ${port}, checks: [{ type: http, interval: 2s }] }]
watch:
  templates: [{ source: list.hbs, target: ${name}.txt, format: plain }]
`;
  await writeFile(file, text);
  return file;
}

/** How long a command takes from its start to its end, in milliseconds. */
async function tookMs(argv: readonly string[]): Promise<number> {
  await using once = new CleanupScope();
  const startMs = monotonicMs();
  await start(once, argv, { cwd: folder, env }).ended;
  return monotonicMs() - startMs;
}

async function measureStarts(): Promise<void> {
  const file = await configure("starts", "file:./keys");
  const commands = [
    ["--version"],
    ["status", "--socket", "missing"],
    ["check", "-c", file],
    ["watch", "--once", "-c", file],
  ];
  console.log("start: median, and its ratio to node -e 0");
  for (const command of commands) {
    const argvs = [
      [process.execPath, "-e", "0"],
      ...builds.map(({ main }) => [...main, ...command]),
    ];
    const times = argvs.map((): number[] => []);
    // The first round fills the caches of files and of compiled code.
    for (let round = 0; round <= runs; round += 1) {
      for (const [i, argv] of argvs.entries()) {
        const ms = await tookMs(argv);
        if (round > 0) times[i]?.push(ms);
      }
    }
    const [floor = 0, ...others] = times.map(median);
    for (const [i, ms] of others.entries()) {
      const ratio = (ms / floor).toFixed(1);
      console.log(`  ${command[0]}: ${ms.toFixed(0)} ms, ${ratio} times (${builds[i]?.build})`);
    }
  }
}

async function memory({ pid }: Running): Promise<string> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const mb = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) / 1024).toFixed(0);
  return `${mb("Rss")} MB (${mb("Pss")} MB)`;
}

async function measureMemory(): Promise<void> {
  const urls = {
    etcd: (await startStore("etcd", scope)).url,
    ZooKeeper: (await startStore("ZooKeeper", scope)).url,
    files: "file:./keys",
  };
  const bare = `import { Etcd3 } from "etcd3";
    const etcd = new Etcd3({ hosts: ${JSON.stringify(urls.etcd.replace("etcd:", "http:"))} });
    await etcd.put("bare").value("1");
    setInterval(() => {}, 1e6);`;
  const idle = [
    {
      title: "node",
      running: start(scope, [process.execPath, "-e", "setInterval(() => {}, 1e6)"]),
    },
    {
      title: "bare etcd3",
      running: start(scope, [process.execPath, "--input-type=module", "-e", bare]),
    },
  ];
  for (const [kind, url] of Object.entries(urls)) {
    for (const agent of ["presence", "watch", "run"]) {
      for (const [i, { build, main }] of builds.entries()) {
        const own = join(folder, `${kind}-${agent}-${i}`);
        await mkdir(own);
        const file = await configure(`${kind}-${agent}-${i}`, url);
        const options = { cwd: folder, env: { RUNTIME_DIRECTORY: own, STATE_DIRECTORY: own } };
        const running = start(scope, [...main, agent, "-c", file], options);
        await eventually(`${agent} on ${kind}`, () => running.output().includes('"started"'));
        idle.push({ title: `${agent} on ${kind} (${build})`, running });
      }
    }
  }
  await delay(10_000);
  console.log("memory of idle agents: RSS and PSS");
  for (const { title, running } of idle) console.log(`  ${title}: ${await memory(running)}`);
}

await mkdir(join(folder, "keys"));
await writeFile(join(folder, "list.hbs"), "{{#each services}}{{name}}\n{{/each}}");
await measureStarts();
await measureMemory();
