/**
 * The CPU time and memory of a watcher at five changes a second, of several builds side by side in one run: those with a journal
 * against one without. Each watches the same keys, and writes a file of its own.
 *
 *   npm run bench:journal
 *   node bench/journal.ts --seconds 120 ../other/dist dist        other builds, by their folders
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    instances: { type: "string", default: "1000" },
  },
});
const [seconds, count] = [Number(values.seconds), Number(values.instances)];
const builds = positionals.length > 0 ? positionals : ["dist"];

/** The CPU time of all threads of a process since its start, in milliseconds. */
async function cpuMs(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const stats = tasks.map((task) => readFile(`/proc/${pid}/task/${task}/schedstat`, "utf8"));
  const used = (await Promise.all(stats)).map((stat) => Number(stat.split(" ")[0]));
  return used.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

async function rssMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

await using scope = new CleanupScope();
const folder = await throwAwayFolder(scope);
const keys = join(folder, "keys/services/web");
await mkdir(keys, { recursive: true });
const put = (i: number, weight: number) => {
  const [host, port] = [`10.0.${i >> 8}.${i & 255}`, 80];
  return writeFile(join(keys, `${host}:${port}`), JSON.stringify({ host, port, weight }));
};
for (let i = 0; i < count; i += 1) await put(i, 1);
await writeFile(
  join(folder, "t.hbs"),
  "{{#each services}}{{#each instances}}server {{address}} weight {{weight}};\n{{/each}}{{/each}}",
);
const agents = await Promise.all(
  builds.map(async (build, i) => {
    const config = join(folder, `${i}.yaml`);
    const watch = { acknowledge: false, snapshotCache: `./${i}/snapshot` };
    const templates = [{ source: "t.hbs", target: `out${i}`, prefixes: ["/services"] }];
    const status = { socket: `./${i}.sock` };
    await writeFile(
      config,
      JSON.stringify({ keyspace: "file:./keys", status, watch: { ...watch, templates } }),
    );
    const argv = [process.execPath, resolve(build, "cli/main.js"), "watch", "-c", config];
    return { build, out: join(folder, `out${i}`), running: start(scope, argv, { cwd: folder }) };
  }),
);
for (const { build, out } of agents) {
  await eventually(`${build} writes its file`, async () => {
    return (await readFile(out, "utf8").catch(() => "")).includes("server") || undefined;
  });
}
const change = async (forSeconds: number) => {
  for (let i = 0; i < forSeconds * 5; i += 1) {
    await put(i % count, 2 + (i % 200));
    await delay(200);
  }
};
await change(10);
const look = () =>
  Promise.all(
    agents.map(async ({ running: { pid } }) => ({ cpu: await cpuMs(pid), rss: await rssMiB(pid) })),
  );
const before = await look();
await change(seconds);
const after = await look();
for (const [i, { build }] of agents.entries()) {
  const [a, b] = [before[i], after[i]];
  if (!a || !b) continue;
  const ms = (b.cpu - a.cpu) / (seconds * 5);
  console.log(
    `${build}: ${ms.toFixed(2)} ms of CPU a change, RSS ${a.rss.toFixed(0)} → ${b.rss.toFixed(0)} MiB`,
  );
}
