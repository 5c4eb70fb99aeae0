/**
 * Changes of an nginx without reloads, beside reloads and haproxy.
 *
 *   npm run build && node bench/nginx-live.ts                       everything
 *   node bench/nginx-live.ts latency [10 1000] [--puts 40]          from a put to the first request, for these numbers of servers
 *   node bench/nginx-live.ts storm [--changes 1000]                 changes under load, and kills
 *   node bench/nginx-live.ts memory [--changes 10000]               memory of nginx
 *
 * Takes wrk, and h2load of the package nghttp2-client.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Etcd3 } from "etcd3";
import { never } from "../lib/base/signal.ts";
import { Control } from "../lib/proxy/nginx/live/control.ts";
import { readPeers } from "../lib/proxy/nginx/live/texts.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { fetchOnce } from "../test/support/http.ts";
import { median, quantile } from "./figures.ts";
import { entriesBelow } from "./instances.ts";
import { type NginxScene, nginxScene, type Server, startServer, valueOf } from "./nginx-scene.ts";
import { startApplication, storm } from "./nginx-storm.ts";
import { shipped, startProxied } from "./proxied.ts";

const { values: options, positionals } = parseArgs({
  options: { puts: { type: "string", default: "40" }, changes: { type: "string" } },
  allowPositionals: true,
});
const [only, ...sizes] = positionals;

/** A proxy in front of one server of the service `probe`, and of others. */
interface Subject {
  readonly etcd: Etcd3;
  readonly url: string;
  readonly reloads: () => number;
}

const probe = "/services/probe/it";

async function fill(etcd: Etcd3, servers: number, address: string): Promise<void> {
  const others = entriesBelow("/services", servers - 1);
  for (let from = 0; from < others.length; from += 100) {
    const batch = others.slice(from, from + 100).map(([key, value]) => {
      return { request_put: { key: Buffer.from(key), value: Buffer.from(value) } };
    });
    await etcd.kv.txn({ compare: [], failure: [], success: batch });
  }
  await etcd.put(probe).value(valueOf(address));
}

const subjects: Readonly<
  Record<string, (scope: CleanupScope, before: (etcd: Etcd3) => Promise<void>) => Promise<Subject>>
> = {
  "nginx, live": (scope, before) => nginxScene(scope, before, undefined, true),
  "nginx, reloaded": (scope, before) => nginxScene(scope, before),
  "haproxy, adjusted": async (scope, before) => {
    const template = shipped.replace("inter 1s fastinter 200ms downinter 1s", "inter 1m");
    const proxy = ({ master }: { master: string }) => `{ type: haproxy, master: ${master} }`;
    const { etcd, url, served } = await startProxied(
      scope,
      { template, proxy, check: true },
      before,
    );
    return { etcd, url, reloads: () => served.filter((how) => how.startsWith("reloaded")).length };
  },
};

/** A subject with two servers between which its service changes, and the times of the changes so far, in milliseconds. */
interface Measured extends Subject {
  readonly name: string;
  readonly servers: readonly [Server, Server];
  readonly ask: () => Promise<string>;
  readonly rawMs: number[];
  readonly requestMs: number[];
}

async function startMeasured(
  scope: CleanupScope,
  name: string,
  servers: number,
): Promise<Measured> {
  const start = subjects[name];
  if (!start) throw new Error(`no subject ${name}`);
  const two = [await startServer(scope, "0"), await startServer(scope, "1")] as const;
  const subject = await start(scope, (to) => fill(to, servers, two[0].address));
  const agent = new Agent({ keepAlive: true });
  scope.after(() => agent.destroy());
  const sent = { agent, headers: { host: "probe" } };
  const ask = async () => (await fetchOnce(subject.url, sent).catch(() => ({ body: "" }))).body;
  while ((await ask()) !== "0") await delay(50);
  return { ...subject, name, servers: two, ask, rawMs: [], requestMs: [] };
}

async function measureOnce(
  { etcd, servers, ask, rawMs, requestMs }: Measured,
  to: 0 | 1,
): Promise<void> {
  const raw = await etcd.watch().key(probe).create();
  let rawAtMs = 0;
  raw.on("put", () => {
    rawAtMs = performance.now();
  });
  const putMs = performance.now();
  const put = etcd.put(probe).value(valueOf(servers[to].address)).exec();
  while ((await ask()) !== String(to)) await delay(1);
  requestMs.push(performance.now() - putMs);
  await put;
  while (rawAtMs === 0) await delay(1);
  rawMs.push(rawAtMs - putMs);
  await raw.cancel();
}

/** All subjects in turn, so that the load of the machine is the same for each. */
async function latency(servers: number): Promise<void> {
  await using scope = new CleanupScope();
  const all: Measured[] = [];
  for (const name of Object.keys(subjects)) all.push(await startMeasured(scope, name, servers));
  const before = all.map(({ reloads }) => reloads());
  for (let i = 0; i < Number(options.puts); i += 1) {
    for (const one of all) {
      // Together longer than minInterval, and than the time until the files have followed.
      await delay(450 + (i % 7) * 3 + servers / 5);
      await measureOnce(one, i % 2 === 0 ? 1 : 0);
    }
  }
  for (const [i, { name, rawMs, requestMs, reloads }] of all.entries()) {
    const times = `${median(requestMs).toFixed(1)} / ${quantile(requestMs, 0.99).toFixed(1)}`;
    const ratio = (median(requestMs) / median(rawMs)).toFixed(1);
    const counted = reloads() - (before[i] ?? 0);
    console.log(
      `| ${[servers, name, median(rawMs).toFixed(1), times, ratio, counted].join(" | ")} |`,
    );
  }
}

/** The memory that the processes of nginx have written and share with no other one, in MB. */
async function memoryOf({ nginx }: NginxScene): Promise<string> {
  let kb = 0;
  for (const pid of [nginx.process.pid, ...(await nginx.workers())]) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    kb += Number(/^Private_Dirty: +(\d+)/m.exec(text)?.[1]);
  }
  return (kb / 1024).toFixed(1);
}

async function memory(servers: number, changes: number): Promise<void> {
  await using scope = new CleanupScope();
  const port = await startApplication(scope);
  const lines = (n: number) =>
    Array.from({ length: servers }, (_, i) => {
      return `127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}:${port} weight=${1 + ((i + n) % 5)}\n`;
    }).join("");
  const scene = await nginxScene(scope, (to) => fill(to, 1, `127.0.0.1:${port}`), undefined, true);
  const control = new Control(scene.control);
  const first = await control.list(false, never);
  if ("reason" in first) throw new Error(first.reason);
  const figures = [await memoryOf(scene)];
  for (let n = 0; n < changes; n += 1) {
    const how = { load: first.load, isInFile: false };
    const answer = await control.put("probe", readPeers(lines(n)), how, never);
    if (typeof answer !== "string") throw new Error(answer.reason);
    for (let i = 0; i < 3; i += 1) await fetchOnce(scene.url, { headers: { host: "probe" } });
    if (n === Math.floor(changes / 10)) figures.push(await memoryOf(scene));
  }
  figures.push(await memoryOf(scene));
  console.log(`| ${[servers, changes, ...figures].join(" | ")} |`);
}

// In memory if possible, so that the disk is not measured.
if (existsSync("/dev/shm")) process.env.TMPDIR = "/dev/shm";

if (only === undefined || only === "latency") {
  console.log(
    "| servers in the file | how | raw event p50 ms | put → first request p50 / p99 ms | ÷ raw | reloads |",
  );
  console.log("|---|---|---|---|---|---|");
  for (const servers of sizes.length > 0 ? sizes.map(Number) : [10, 1000, 10_000]) {
    await latency(servers);
  }
}
if (only === undefined || only === "storm") await storm(Number(options.changes ?? 1000));
if (only === undefined || only === "memory") {
  console.log(
    "\n| servers of the service | changes | MB before | after a tenth | after all |\n|---|---|---|---|---|",
  );
  await memory(10, Number(options.changes ?? 10_000));
  await memory(1000, Number(options.changes ?? 10_000) / 10);
}
