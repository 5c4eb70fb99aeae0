/**
 * The effect of changes of servers on the clients of haproxy, under a steady load of wrk.
 *
 *   npm run build && node bench/proxy-changes.ts                  everything
 *   npm run build && node bench/proxy-changes.ts --changes 100    fewer changes (and --rounds 2)
 *
 * Half of the load keeps its connections, the other half opens a new one for each request. Every change passes through
 * etcd, watcher, file, haproxy -c and haproxy.
 *
 * - Changes: servers are added, removed and given another weight.
 * - Rolling replacement: each of four servers is replaced by a new one at another port; the old one is removed from etcd,
 *   and killed as soon as the watcher has verified that.
 * - Killed: kill -9 of one of four servers, which its agent detects by a check each 500ms and two failures.
 *
 * "Longest" is the slowest answer; "failing for" is the time from the kill to the last failed answer.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { fetchOnce } from "../test/support/http.ts";
import {
  eventually,
  freePort,
  type Running,
  start,
  throwAwayFolder,
} from "../test/support/process.ts";
import { monotonicMs } from "./monotonic.ts";
import { naive, type Proxied, type Setting, shipped, startProxied } from "./proxied.ts";
import { type Loaded, startWrk } from "./wrk.ts";

const { values: options } = parseArgs({
  options: {
    changes: { type: "string", default: "1000" },
    rounds: { type: "string", default: "10" },
  },
});

const runtime: Setting = {
  template: shipped,
  proxy: ({ master }) => `{ type: haproxy, master: ${master} }`,
  check: true,
};
const reloads: Setting = {
  ...runtime,
  proxy: ({ pidFile }) => `{ type: haproxy, pidFile: ${pidFile} }`,
};

interface App {
  readonly address: string;
  readonly process: Running;
}

async function startApp(scope: CleanupScope): Promise<App> {
  const port = await freePort();
  const app = start(scope, [...main, "demo-app", "app", String(port)]);
  await eventually(
    "it answers",
    async () => (await fetchOnce(`http://127.0.0.1:${port}/`)).status === 200,
  );
  return { address: `127.0.0.1:${port}`, process: app };
}

const key = (address: string) => `/services/web/${address}`;

const steady = { connections: 8, pauseMs: 10 };

/** For loads in which connections break: see wrk.lua. */
const unpaced = { connections: 2, pauseMs: 0 };

/** Runs `work` under the load. */
async function underLoad(
  scope: CleanupScope,
  { url }: Proxied,
  load: { readonly connections: number; readonly pauseMs: number },
  work: () => Promise<void>,
): Promise<Loaded> {
  const loads = [true, false].map((kept) => startWrk(scope, url, { kept, ...load }));
  const stops = await Promise.all(loads);
  await work();
  await delay(500);
  const [kept, fresh] = (await Promise.all(stops.map((stop) => stop()))) as [Loaded, Loaded];
  return {
    requests: kept.requests + fresh.requests,
    broken: kept.broken + fresh.broken,
    failedMs: [...kept.failedMs, ...fresh.failedMs],
    p99Ms: Math.max(kept.p99Ms, fresh.p99Ms),
    maxMs: Math.max(kept.maxMs, fresh.maxMs),
  };
}

function row(
  words: string,
  { requests, broken, failedMs, p99Ms, maxMs }: Loaded,
  ...more: string[]
) {
  const cells = [words, requests, failedMs.length + broken, p99Ms.toFixed(1), maxMs.toFixed(0)];
  console.log(`| ${[...cells, ...more].join(" | ")} |`);
}

function reloadsOf({ served }: Proxied, from: number): string {
  return String(served.slice(from).filter((how) => how.startsWith("reloaded")).length);
}

/** Adds and removes servers and changes their weights. */
async function changes(words: string, setting: Setting, count: number): Promise<void> {
  await using scope = new CleanupScope();
  const apps = await Promise.all(Array.from({ length: 6 }, () => startApp(scope)));
  const [first, ...others] = apps.map(({ address }) => address) as [string, ...string[]];
  const proxied = await startProxied(scope, setting, (etcd) =>
    etcd.put(key(first)).value(first).exec(),
  );
  const { etcd, haproxy, served, change } = proxied;
  const [worker, from] = [await haproxy.worker(), served.length];
  const present = new Set<string>();
  const loaded = await underLoad(scope, proxied, steady, async () => {
    for (let i = 0; i < count; i += 1) {
      const address = others[i % others.length] ?? "";
      const [host, port] = address.split(":");
      const value = JSON.stringify({ host, port: Number(port), weight: 1 + (i % 100) });
      const leaves = present.has(address) && i % 3 !== 0;
      if (leaves) present.delete(address);
      else present.add(address);
      await change(async () =>
        leaves ? etcd.delete().key(key(address)) : etcd.put(key(address)).value(value),
      );
    }
  });
  const same = (await haproxy.worker()) === worker ? "the same" : "another";
  row(words, loaded, reloadsOf(proxied, from), same);
}

/** Replaces the servers one after the other, repeatedly. */
async function rolling(words: string, setting: Setting, rounds: number): Promise<void> {
  await using scope = new CleanupScope();
  const apps = await Promise.all(Array.from({ length: 4 }, () => startApp(scope)));
  const proxied = await startProxied(scope, setting, async (etcd) => {
    for (const { address } of apps) await etcd.put(key(address)).value(address);
  });
  const { etcd, haproxy, served, change } = proxied;
  const [worker, from] = [await haproxy.worker(), served.length];
  const loaded = await underLoad(scope, proxied, steady, async () => {
    for (let i = 0; i < rounds * apps.length; i += 1) {
      const [old, next] = [apps.shift() as App, await startApp(scope)];
      apps.push(next);
      await change(() => etcd.put(key(next.address)).value(next.address).exec());
      await change(() => etcd.delete().key(key(old.address)).exec());
      await old.process.stop("SIGKILL");
    }
  });
  const same = (await haproxy.worker()) === worker ? "the same" : "another";
  row(words, loaded, reloadsOf(proxied, from), same);
}

/** Kills one of four servers. */
async function killed(words: string, setting: Setting): Promise<void> {
  await using scope = new CleanupScope();
  const apps = await Promise.all(Array.from({ length: 4 }, () => startApp(scope)));
  const proxied = await startProxied(scope, setting, async () => {});
  const config = join(await throwAwayFolder(scope), "presence.yaml");
  const services = apps.map(({ address }) => {
    const port = address.split(":")[1];
    return `    - { name: web, host: 127.0.0.1, port: ${port}, checks: [{ type: tcp, interval: 500ms, timeout: 200ms, rise: 1, fall: 2 }] }`;
  });
  await writeFile(
    config,
    [`keyspace: ${proxied.store.url}`, "presence:", "  services:", ...services].join("\n"),
  );
  start(scope, [...main, "presence", "-c", config]);
  await eventually(
    "all are registered",
    async () => (await proxied.etcd.getAll().prefix("/services/").count()) === 4,
  );
  await delay(1500);
  let killedMs = 0;
  const loaded = await underLoad(scope, proxied, unpaced, async () => {
    killedMs = monotonicMs();
    await proxied.change(async () => void apps[0]?.process.child.kill("SIGKILL"));
    await delay(8000);
  });
  const failing = loaded.failedMs.length === 0 ? 0 : Math.max(...loaded.failedMs) - killedMs;
  row(words, loaded, `${Math.round(failing)}`);
}

const count = Number(options.changes);
const rounds = Number(options.rounds);
console.log("| what | requests | failed | p99 ms | longest ms | reloads | worker |");
console.log("|---|---|---|---|---|---|---|");
await changes(`${count} changes`, runtime, count);
await changes(`${Math.ceil(count / 5)} changes, each a reload`, reloads, Math.ceil(count / 5));
await rolling(`${rounds} rolling replacements`, runtime, rounds);
console.log(
  "\n| kill -9 of one of four | requests | failed | p99 ms | longest ms | failing for ms |",
);
console.log("|---|---|---|---|---|---|");
await killed("shipped template", runtime);
await killed("naive template", { ...runtime, template: naive });
