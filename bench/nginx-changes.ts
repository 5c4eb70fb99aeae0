/**
 * The cost of changes behind nginx, which has to be reloaded for each of them.
 *
 *   npm run build && node bench/nginx-changes.ts               everything
 *   node bench/nginx-changes.ts latency [10 1000]              from a put to the first request, for these sizes
 *   node bench/nginx-changes.ts rolling [--rounds 10]          every server replaced and drained, under load
 *   node bench/nginx-changes.ts churn                          changes at a steady rate, which wait for nothing
 *   node bench/nginx-changes.ts kill                           a killed server, under load
 *
 * Each has its floor in the same run: the raw watch event of the same put; nginx itself, reloaded by hand as often and
 * under the same load; a simple template. Absolute times depend on the machine.
 */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Etcd3 } from "etcd3";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { fetchOnce } from "../test/support/http.ts";
import { eventually, freePort, start } from "../test/support/process.ts";
import { median, quantile } from "./figures.ts";
import { type Counted, failed, startLoad } from "./load.ts";
import { type NginxScene, nginxScene, type Server, startServer, valueOf } from "./nginx-scene.ts";

const { values: options, positionals } = parseArgs({
  options: {
    puts: { type: "string", default: "30" },
    rounds: { type: "string", default: "10" },
    rate: { type: "string", default: "300" },
  },
  allowPositionals: true,
});
const [only, ...sizes] = positionals;
const rate = Number(options.rate);

/** The time from a put to the first request that the new server answers, and to the raw watch event. */
async function latency(servers: number): Promise<void> {
  await using scope = new CleanupScope();
  const [one, two] = [await startServer(scope, "one"), await startServer(scope, "two")];
  const key = "/services/probe/it";
  const scene = await nginxScene(scope, async (etcd) => {
    await fill(etcd, servers - 1);
    await etcd.put(key).value(valueOf(one.address));
  });
  const raw = await scene.etcd.watch().key(key).create();
  scope.after(() => raw.cancel());
  let rawAtMs = 0;
  raw.on("put", () => {
    rawAtMs = performance.now();
  });
  const [rawMs, requestMs]: [number[], number[]] = [[], []];
  for (let i = 0; i < Number(options.puts); i += 1) {
    // Longer than minInterval: each put is the first one after a pause.
    await delay(1100 + (i % 7) * 3);
    const [name, { address }] = i % 2 === 0 ? ["two", two] : ["one", one];
    rawAtMs = 0;
    const putMs = performance.now();
    const put = scene.put(key, address);
    await eventually(`${name} answers`, async () => {
      return (await fetchOnce(scene.url, { headers: { host: "probe" } })).body === name;
    });
    requestMs.push(performance.now() - putMs);
    await put;
    await eventually("the raw event", () => rawAtMs > 0);
    rawMs.push(rawAtMs - putMs);
  }
  const times = (ms: readonly number[]) =>
    `${median(ms).toFixed(1)} / ${quantile(ms, 0.99).toFixed(1)}`;
  const ratio = (median(requestMs) / median(rawMs)).toFixed(1);
  console.log(`| ${[servers, times(rawMs), times(requestMs), ratio].join(" | ")} |`);
}

/** Adds other servers, which receive no requests. */
async function fill(etcd: Etcd3, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, i) => {
    const address = `127.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}:8080`;
    const key = `/services/service-${String(Math.floor(i / 100)).padStart(3, "0")}/${address}`;
    return { request_put: { key: Buffer.from(key), value: Buffer.from(valueOf(address)) } };
  });
  for (let from = 0; from < count; from += 100) {
    await etcd.kv.txn({ compare: [], failure: [], success: keys.slice(from, from + 100) });
  }
}

/** Replaces all servers repeatedly, two at a time: the new ones are registered, the old ones drained. */
async function rolling(rounds: number): Promise<void> {
  await using scope = new CleanupScope();
  const key = (n: number) => `/services/web/slot-${n}`;
  const servers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => startServer(scope, `${n}`)),
  );
  const scene = await nginxScene(scope, async (etcd) => {
    for (const [n, { address }] of servers.entries())
      await etcd.put(key(n)).value(valueOf(address));
  });
  await eventually("it answers", async () => (await fetchOnce(scene.url)).status === 200);

  const under = async (what: string, work: () => Promise<number>) => {
    const loads = (["fresh", "kept"] as const).map((kind) =>
      startLoad(scope, scene.url, "web", kind, rate),
    );
    await delay(1000);
    const reloads = await work();
    await delay(500);
    const [fresh, kept] = (await Promise.all(loads.map((load) => load.stop()))) as [
      Counted,
      Counted,
    ];
    row(what, reloads, fresh, kept);
    return reloads;
  };

  let changes = 0;
  const replace = async () => {
    const before = scene.reloads();
    for (let i = 0; i < rounds * 10; i += 2) {
      changes += await replaceTwo(scope, scene, servers, [key(i % 10), key((i + 1) % 10)], i % 10);
    }
    return scene.reloads() - before;
  };
  const byHand = (times: number, everyMs: number) => async () => {
    for (let i = 0; i < times; i += 1) {
      scene.nginx.process.child.kill("SIGHUP");
      await delay(everyMs);
    }
    return times;
  };
  console.log(
    "\n| under load | reloads | new connections: failed of | kept connections: failed of | per reload | p99 ms (new / kept) |",
  );
  console.log("|---|---|---|---|---|---|");
  const reloads = await under(`${rounds} rolling replacements of 10 servers`, replace);
  await under("nginx alone, reloaded by hand as often", byHand(reloads, 1000));
  console.log(`\n${changes} changes of the keyspace in ${reloads} reloads.`);
}

function row(what: string, reloads: number, fresh: Counted, kept: Counted): void {
  const of = (counted: Counted) =>
    `${failed(counted)} of ${counted.answered + failed(counted)}${reasons(counted)}`;
  const p99 = [fresh, kept].map(({ tookMs }) => quantile(tookMs, 0.99).toFixed(0)).join(" / ");
  const perReload = reloads === 0 ? "" : (failed(kept) / reloads).toFixed(2);
  console.log(`| ${[what, reloads, of(fresh), of(kept), perReload, p99].join(" | ")} |`);
}

function reasons({ failures }: Counted): string {
  const kinds = Object.entries(failures).map(([what, count]) => `${count} ${what}`);
  return kinds.length > 0 ? ` (${kinds.join(", ")})` : "";
}

/** Replaces two servers. Resolves with the number of changes of the keyspace. */
async function replaceTwo(
  scope: CleanupScope,
  { put, served }: NginxScene,
  servers: Server[],
  keys: readonly string[],
  at: number,
): Promise<number> {
  const news = await Promise.all(keys.map((key) => startServer(scope, key)));
  let revision = 0;
  for (const [i, key] of keys.entries()) {
    const [old, young] = [servers[at + i] as Server, news[i] as Server];
    await put(`${key}-old`, old.address, 0);
    revision = await put(key, young.address);
  }
  // Verified: the old servers receive no new requests, and finish their current ones.
  await served(revision);
  for (const [i, key] of keys.entries()) {
    await (servers[at + i] as Server).close();
    servers[at + i] = news[i] as Server;
    await put(`${key}-old`, undefined);
  }
  return keys.length * 3;
}

/** Puts an instance every `everyMs` milliseconds, for 15 s, whether or not nginx serves the last one. */
async function churn(everyMs: number): Promise<void> {
  await using scope = new CleanupScope();
  const scene = await nginxScene(scope, async (etcd) => await fill(etcd, 10));
  const before = scene.reloads();
  const count = Math.round(15_000 / everyMs);
  let revision = 0;
  const startMs = performance.now();
  for (let i = 0; i < count; i += 1) {
    await delay(Math.max(0, startMs + i * everyMs - performance.now()));
    revision = await scene.put(`/services/web/slot-${i % 10}`, `127.1.0.${1 + (i % 250)}:8080`);
  }
  await scene.served(revision);
  const reloads = scene.reloads() - before;
  console.log(`| ${[1000 / everyMs, count, reloads, (count / reloads).toFixed(1)].join(" | ")} |`);
}

const naive = `pid {{getenv "NGINX_PID"}};
error_log {{getenv "NGINX_ERROR_LOG"}};
events { worker_connections 1024; }
http {
  access_log off;
{{#each services}}
  upstream {{name}} { {{#each instances}}server {{address}}; {{/each}} }
{{/each}}
  server {
    listen {{getenv "PROXY_LISTEN"}};
    location / { proxy_pass http://web; }
  }
}
`;

/** Kills one of four servers. Its entry is removed two seconds later, like with a TTL of 2 s. */
async function kill(what: string, template: string | undefined): Promise<void> {
  await using scope = new CleanupScope();
  const apps = await Promise.all(
    Array.from({ length: 4 }, async (_, n) => {
      const port = await freePort();
      return { port, running: start(scope, [...main, "demo-app", `app-${n}`, String(port)]) };
    }),
  );
  const key = (n: number) => `/services/web/app-${n}`;
  const fill = async (etcd: Etcd3) => {
    for (const [n, { port }] of apps.entries())
      await etcd.put(key(n)).value(valueOf(`127.0.0.1:${port}`));
  };
  const scene = await nginxScene(scope, fill, template);
  for (const { port } of apps) {
    await eventually(
      "it answers",
      async () => (await fetchOnce(`http://127.0.0.1:${port}/`)).status === 200,
    );
  }
  const load = startLoad(scope, scene.url, "web", "fresh", rate);
  await delay(1000);
  const killedMs = Date.now();
  await apps[0]?.running.stop("SIGKILL");
  await delay(2000);
  await scene.served(await scene.put(key(0), undefined));
  await delay(1000);
  const counted = await load.stop();
  const lastedMs = failed(counted) === 0 ? 0 : Math.max(...counted.failedAtMs) - killedMs;
  const all = counted.answered + failed(counted);
  const row = [what, `${failed(counted)} of ${all}${reasons(counted)}`, lastedMs.toFixed(0)];
  console.log(`| ${row.join(" | ")} |`);
}

// In memory if possible, so that the disk is not measured.
if (existsSync("/dev/shm")) process.env.TMPDIR = "/dev/shm";

if (only === undefined || only === "latency") {
  console.log(
    "| servers in the file | raw event p50 / p99 ms | put → first request p50 / p99 ms | ÷ raw |",
  );
  console.log("|---|---|---|---|");
  const given = sizes.length > 0 ? sizes.map(Number) : [10, 1000, 10_000];
  for (const servers of given) await latency(servers);
}
if (only === undefined || only === "rolling") await rolling(Number(options.rounds));
if (only === undefined || only === "churn") {
  console.log("\n| changes a second | changes | reloads | changes per reload |\n|---|---|---|---|");
  for (const everyMs of [200, 100, 20]) await churn(everyMs);
}
if (only === undefined || only === "kill") {
  console.log("\n| a server is killed | failed | the last one, ms after |");
  console.log("|---|---|---|");
  await kill("with the shipped template", undefined);
  await kill("with a naive one", naive);
}
