/**
 * The CPU time of agents at rest, by keyspace: a watcher of one file without a proxy, and presence with one instance, not
 * checked and checked once a second. Several builds are measured side by side, in the same minute.
 *
 *   node bench/idle-keyspaces.ts [--seconds 60] [--keyspaces file,etcd,zookeeper] [builds…]
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startEtcd } from "../test/real/etcd.ts";
import { startZookeeper } from "../test/real/zookeeper.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { listen } from "../test/support/listen.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";
import { preciseCpuMs } from "./cost.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    keyspaces: { type: "string", default: "file,etcd,zookeeper" },
  },
});
const builds = positionals.length > 0 ? positionals : ["dist"];

/** What an agent does: the sections of its configuration, and how its log or its file shows that it has begun. */
interface Role {
  readonly command: "watch" | "presence";
  readonly section: (port: number, name: string) => string;
  readonly begun: RegExp;
}

const presence = (check: string) => (port: number, name: string) =>
  `presence:\n  services: [{ name: ${name}, host: 127.0.0.1, port: ${port}${check} }]\n`;

const roles: Record<string, Role> = {
  watch: {
    command: "watch",
    section: () =>
      "watch:\n  templates:\n    - { source: list.hbs, target: list, format: plain }\n",
    begun: /"event":"file_written"/,
  },
  "presence, no check": {
    command: "presence",
    section: presence(""),
    begun: /"event":"registered"/,
  },
  "presence, 1 check/s": {
    command: "presence",
    section: presence(", checks: [{ type: tcp, interval: 1s }]"),
    begun: /"event":"registered"/,
  },
};

interface Measured {
  readonly name: string;
  readonly build: string;
  readonly pid: number;
}

/** Starts an agent of a build. Resolves once it has begun. */
async function agent(
  scope: CleanupScope,
  build: string,
  { command, section, begun }: Role,
  { url, name, port }: { readonly url: string; readonly name: string; readonly port: number },
): Promise<number> {
  const folder = await throwAwayFolder(scope);
  await writeFile(join(folder, "list.hbs"), "{{#each services}}{{name}}\n{{/each}}");
  await writeFile(join(folder, "sidekick.yaml"), `keyspace: ${url}\n${section(port, name)}`);
  const env = { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const argv = [process.execPath, join(resolve(build), "cli/main.js")];
  const running = start(scope, [...argv, command, "-c", "sidekick.yaml"], { cwd: folder, env });
  await eventually(`${build} begins`, () => begun.test(running.output()), 60_000).catch((error) => {
    throw new Error(`${error.message}\n${running.output()}`);
  });
  return running.pid;
}

/** How often the threads of a process went to sleep so far. */
async function sleeps(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const texts = threads.map((one) => readFile(`/proc/${pid}/task/${one}/status`, "utf8"));
  const counts = (await Promise.all(texts)).map((text) => /^voluntary.*\s(\d+)$/m.exec(text)?.[1]);
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

await using scope = new CleanupScope();
const server = createServer((socket) =>
  socket
    .on("error", () => {})
    .resume()
    .end(),
);
const port = await listen(scope, server);
const urls: Record<string, () => Promise<string>> = {
  file: async () => `file:${await throwAwayFolder(scope)}/keys`,
  etcd: async () => (await startEtcd(scope)).url,
  zookeeper: async () => (await startZookeeper(scope)).url,
};
const measured: Measured[] = [];
for (const keyspace of values.keyspaces.split(",")) {
  const url = await urls[keyspace]?.();
  if (url === undefined) throw new Error(`unknown keyspace: ${keyspace}`);
  for (const [name, role] of Object.entries(roles)) {
    for (const build of builds) {
      const service = `web-${measured.length}`;
      const pid = await agent(scope, build, role, { url, name: service, port });
      measured.push({ name: `${keyspace}: ${name}`, build, pid });
    }
  }
}
// The first looks, and the work after the start, are no time at rest.
await delay(15_000);
const look = () =>
  Promise.all(
    measured.map(async ({ pid }) => [await preciseCpuMs(pid), await sleeps(pid)] as const),
  );
const before = await look();
const startMs = performance.now();
await delay(Number(values.seconds) * 1000);
const after = await look();
const seconds = (performance.now() - startMs) / 1000;
console.log("| agent at rest | build | CPU ms a second | wake-ups a second |\n|---|---|---|---|");
for (const [i, { name, build }] of measured.entries()) {
  const [ms, woken] = [0, 1].map(
    (at) => ((after[i]?.[at] ?? 0) - (before[i]?.[at] ?? 0)) / seconds,
  );
  console.log(`| ${name} | ${build} | ${ms?.toFixed(2)} | ${woken?.toFixed(1)} |`);
}
