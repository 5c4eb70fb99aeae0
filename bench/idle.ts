/**
 * The CPU time of a watcher that has nothing to do: ten files, five of them for an haproxy and five for an nginx. Several
 * builds are measured side by side, each with proxies of its own, so that all have the same machine.
 *
 *   npm run bench:idle
 *   node bench/idle.ts --seconds 300 dist ../other/dist        other builds, by their folders
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startHaproxy } from "../test/real/haproxy.ts";
import { startNginx } from "../test/real/nginx.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, freePort, start, throwAwayFolder } from "../test/support/process.ts";
import { preciseCpuMs } from "./cost.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "120" },
    servers: { type: "string", default: "20" },
  },
});
const seconds = Number(values.seconds);
const builds = positionals.length > 0 ? positionals : ["dist"];

async function haproxyTemplate(folder: string): Promise<string> {
  return `global
  stats socket ${folder}/haproxy/admin.sock level admin
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend web
  bind 127.0.0.1:${await freePort()}
  default_backend web
backend web
{{#each services}}{{#each instances}}  server {{server}} {{address}} weight 7
{{/each}}{{/each}}`;
}

async function nginxTemplate(folder: string): Promise<string> {
  return `pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_processes 2;
events {}
http {
  access_log off;
  upstream web { {{#each services}}{{#each instances}}server {{address}};{{/each}}{{/each}} }
  server { listen 127.0.0.1:${await freePort()}; location / { proxy_pass http://web; } }
}
`;
}

/** Starts a watcher of this build with its proxies. Resolves with its process id once all files are in sync. */
async function watcher(scope: CleanupScope, build: string): Promise<number> {
  const folder = await throwAwayFolder(scope);
  for (const name of ["haproxy", "nginx", "keys/services/web"]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  for (let i = 0; i < Number(values.servers); i += 1) {
    const address = `10.0.0.${i + 1}:80`;
    await writeFile(join(folder, "keys/services/web", address), address);
  }
  await writeFile(join(folder, "haproxy.cfg.hbs"), await haproxyTemplate(folder));
  await writeFile(join(folder, "nginx.conf.hbs"), await nginxTemplate(folder));
  await writeFile(join(folder, "list.hbs"), "{{#each services}}{{name}}\n{{/each}}");
  const file = (source: string, target: string, proxy: string) =>
    `    - { source: ${source}, target: ${target}, format: plain, proxy: ${proxy} }`;
  const haproxy = `{ type: haproxy, master: ${folder}/haproxy/master.sock }`;
  const nginx = `{ type: nginx, pidFile: ${folder}/nginx.pid, minInterval: 0s }`;
  const lists = [1, 2, 3, 4].flatMap((i) => [
    file("list.hbs", `haproxy/list${i}`, haproxy),
    file("list.hbs", `nginx/list${i}`, nginx),
  ]);
  const targets = { haproxy: "haproxy/haproxy.cfg", nginx: "nginx/nginx.conf" };
  const config = [
    "keyspace: file:./keys",
    "watch:",
    "  retry: { first: 100ms, atMost: 300ms }",
    "  templates:",
    file("haproxy.cfg.hbs", targets.haproxy, haproxy),
    file("nginx.conf.hbs", targets.nginx, nginx),
    ...lists,
  ];
  await writeFile(join(folder, "sidekick.yaml"), config.join("\n"));
  const env = { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const main = [process.execPath, join(resolve(build), "cli/main.js")];
  const argv = [...main, "watch", "-c", "sidekick.yaml"];
  const running = start(scope, argv, { cwd: folder, env });
  const written = async (target: string) => (await readFile(join(folder, target))).length > 0;
  await eventually(`${build} writes`, () => written(targets.haproxy), 60_000);
  await eventually(`${build} writes`, () => written(targets.nginx), 60_000);
  await startHaproxy(scope, { config: join(folder, targets.haproxy) });
  await startNginx(scope, {
    config: join(folder, targets.nginx),
    pidFile: join(folder, "nginx.pid"),
  });
  const applied = () => running.output().match(/"event":"applied"/g)?.length ?? 0;
  await eventually(`${build} applies`, () => applied() >= 2, 60_000).catch((error) => {
    throw new Error(`${error.message}\n${running.output()}`);
  });
  return running.pid;
}

await using scope = new CleanupScope();
const pids = await Promise.all(builds.map((build) => watcher(scope, build)));
// The first looks, and the work after the start, are no idle time.
await delay(15_000);
const before = await Promise.all(pids.map(preciseCpuMs));
const startMs = performance.now();
await delay(seconds * 1000);
const after = await Promise.all(pids.map(preciseCpuMs));
const tookMs = performance.now() - startMs;
for (const [i, build] of builds.entries()) {
  const usedMs = (after[i] ?? 0) - (before[i] ?? 0);
  const percent = ((usedMs / tookMs) * 100).toFixed(3);
  console.log(
    `${build}: ${usedMs.toFixed(1)} ms in ${(tookMs / 1000).toFixed(0)} s: ${percent} % of a core`,
  );
}
