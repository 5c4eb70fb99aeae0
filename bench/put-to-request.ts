/**
 * The time from a put in etcd to the first request on the new server, by commands to the running haproxy and by a reload,
 * compared with the raw watch event of the same put in the same run.
 *
 *   npm run build && node bench/put-to-request.ts                    10, 1 000 and 10 000 servers in the file
 *   npm run build && node bench/put-to-request.ts 10 --puts 20       only 10, and fewer puts
 *
 * The new server is the second one of a service that receives a request every millisecond, so that it receives the first
 * or second request after haproxy knows it. The other servers are in services of 20. Their health checks run once a
 * minute instead of once a second: otherwise 10 000 checks per second would be measured. Each put is made after a pause.
 * "No check" is without haproxy -c, which otherwise checks every file.
 */
import { Agent, createServer, request } from "node:http";

import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Etcd3 } from "etcd3";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { listen } from "../test/support/listen.ts";
import { eventually } from "../test/support/process.ts";
import { median, quantile } from "./figures.ts";
import { entriesBelow } from "./instances.ts";
import { type Setting, shipped, startProxied } from "./proxied.ts";

const { values: options, positionals } = parseArgs({
  options: { puts: { type: "string", default: "100" } },
  allowPositionals: true,
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [10, 1000, 10_000];
const puts = Number(options.puts);

const template = shipped.replace("inter 1s fastinter 200ms downinter 1s", "inter 1m");
const runtime: Setting = {
  template,
  proxy: ({ master }) => `{ type: haproxy, master: ${master} }`,
  check: true,
};
/** Without a socket every change is a reload. */
const reload: Setting = {
  ...runtime,
  proxy: ({ pidFile }) => `{ type: haproxy, pidFile: ${pidFile} }`,
};

const settings: Readonly<Record<string, Setting>> = {
  "by commands": runtime,
  "by commands, no check": { ...runtime, check: false },
  "by reload": reload,
};

/** An application at every address of this machine, which records its first request at each of them. */
async function application(scope: CleanupScope) {
  const firstMs = new Map<string, number>();
  const server = createServer((received, response) => {
    const at = received.socket.localAddress ?? "";
    if (!firstMs.has(at)) firstMs.set(at, performance.now());
    response.end();
  });
  return { port: await listen(scope, server, "0.0.0.0"), firstMs };
}

/** Sends requests for a service all the time, on one connection. */
function requestContinuously(scope: CleanupScope, url: string, service: string): void {
  const agent = new Agent({ keepAlive: true });
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      await new Promise<void>((resolve) => {
        const sent = request(url, { agent, headers: { host: service } }, (response) => {
          response.resume().on("end", resolve);
        });
        sent.on("error", () => resolve()).end();
      });
      await delay(1);
    }
  };
  const running = loop();
  scope.after(async () => {
    stopped = true;
    await running;
    agent.destroy();
  });
}

async function fill(etcd: Etcd3, servers: number, port: number): Promise<void> {
  const others = entriesBelow("/services", servers - 1);
  for (let from = 0; from < others.length; from += 100) {
    const batch = others.slice(from, from + 100).map(([key, value]) => {
      return { request_put: { key: Buffer.from(key), value: Buffer.from(value) } };
    });
    await etcd.kv.txn({ compare: [], failure: [], success: batch });
  }
  await etcd.put(`/services/probe/127.0.0.1:${port}`).value(`127.0.0.1:${port}`);
}

async function measure(words: string, setting: Setting, servers: number): Promise<string> {
  await using scope = new CleanupScope();
  const { port, firstMs } = await application(scope);
  const proxied = await startProxied(scope, setting, (etcd) => fill(etcd, servers, port));
  const { etcd, url, change, served } = proxied;
  let eventMs = 0;
  const raw = await etcd.watch().prefix("/services/probe/").create();
  raw.on("put", () => {
    eventMs = performance.now();
  });
  requestContinuously(scope, url, "probe");
  const [rawMs, requestMs]: [number[], number[]] = [[], []];
  const from = served.length;
  for (let i = 0; i < puts; i += 1) {
    const host = `127.200.${i >> 8}.${i & 255}`;
    const key = `/services/probe/${host}:${port}`;
    let putMs = 0;
    await change(async () => {
      putMs = performance.now();
      await etcd.put(key).value(`${host}:${port}`);
    });
    const atMs = await eventually("the new server receives a request", () => firstMs.get(host));
    rawMs.push(eventMs - putMs);
    requestMs.push(atMs - putMs);
    await delay(70 + (i % 7) * 3);
    await change(() => etcd.delete().key(key).exec());
    await delay(70 + (i % 7) * 3);
  }
  await raw.cancel();
  const reloads = served.slice(from).filter((how) => how.startsWith("reloaded")).length;
  const [event, first] = [median(rawMs), median(requestMs)];
  const ms = (figure: number) => figure.toFixed(1);
  const times = `${ms(first)} / ${ms(quantile(requestMs, 0.99))}`;
  return [servers, words, ms(event), times, ms(first / event), reloads].join(" | ");
}

console.log(
  "| servers | how | raw event p50 ms | put → first request p50 / p99 ms | ÷ raw | reloads |",
);
console.log("|---|---|---|---|---|---|");
for (const servers of sizes) {
  for (const [words, setting] of Object.entries(settings)) {
    console.log(`| ${await measure(words, setting, servers)} |`);
  }
}
