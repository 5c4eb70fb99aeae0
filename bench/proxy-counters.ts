/**
 * What it costs to ask a real haproxy what it has counted of its servers: CPU time of sidekick and of haproxy for one question, and the
 * bytes of its answer, beside `show info` alone as the floor. A question is asked every `--interval` seconds (10 by default).
 *
 *   node bench/proxy-counters.ts                10, 1 000 and 10 000 servers
 *   node bench/proxy-counters.ts 100 --asks 50  only 100, and fewer questions
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../lib/base/clock.ts";
import { never } from "../lib/base/signal.ts";
import { judgeServers, type ServerStandings } from "../lib/proxy/judge-servers.ts";
import { createProxy, proxySchema } from "../lib/proxy/kinds.ts";
import { startHaproxy } from "../test/real/haproxy.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { freePort, throwAwayFolder } from "../test/support/process.ts";
import { cpuMs } from "./cost.ts";

const { values: options, positionals } = parseArgs({
  options: {
    asks: { type: "string", default: "100" },
    interval: { type: "string", default: "10" },
  },
  allowPositionals: true,
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [10, 1000, 10_000];
const [asks, intervalMs] = [Number(options.asks), 1000 * Number(options.interval)];

const perPool = 10;

function configuration(servers: number, port: number): string {
  const pools = Array.from({ length: servers / perPool }, (_, pool) => {
    const lines = Array.from({ length: perPool }, (_, at) => {
      return `  server s${at} 127.${1 + (pool >> 8)}.${pool & 255}.${at + 1}:8080`;
    });
    return [`backend pool-${pool}`, ...lines].join("\n");
  });
  const head = `defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nfrontend it\n  bind 127.0.0.1:${port}\n`;
  return `${head}${pools.join("\n")}\n`;
}

async function measure(servers: number): Promise<string> {
  await using scope = new CleanupScope();
  const folder = await throwAwayFolder(scope);
  const config = join(folder, "haproxy.cfg");
  await writeFile(config, configuration(servers, await freePort()));
  const haproxy = await startHaproxy(scope, { config });
  const parsed = proxySchema.parse({ type: "haproxy", master: haproxy.master });
  const proxy = createProxy(parsed, { clock: systemClock });
  await proxy.adopt?.(never);
  const worker = await haproxy.worker();
  const answer = await haproxy.send(haproxy.master, `@!${worker} show stat -1 4 -1`);

  let standings: ServerStandings = new Map();
  const judge = async () => {
    const samples = (await proxy.counters?.(never)) ?? [];
    if (samples.length !== servers) throw new Error(`${samples.length} of ${servers} servers`);
    standings = judgeServers(standings, samples, performance.now());
  };
  const floor = async () => void (await haproxy.send(haproxy.master, `@!${worker} show info`));
  const cost = async (work: () => Promise<void>) => {
    const spent = async () => {
      const { user, system } = process.cpuUsage();
      const other = (await cpuMs(worker)) + (await cpuMs(haproxy.process.pid));
      return { own: (user + system) / 1000, other };
    };
    const before = await spent();
    for (let i = 0; i < asks; i += 1) await work();
    const after = await spent();
    return { own: (after.own - before.own) / asks, other: (after.other - before.other) / asks };
  };
  for (let i = 0; i < 10; i += 1) await judge();
  const [least, asked] = [await cost(floor), await cost(judge)];
  const share = (ms: number) => `${((100 * ms) / intervalMs).toFixed(3)} %`;
  const cells = [
    ...[servers, `${Math.round(answer.length / 1000)} kB`],
    ...[least.own, asked.own, least.other, asked.other].map((ms) => ms.toFixed(2)),
    ...[share(asked.own), share(asked.other)],
  ];
  return `| ${cells.join(" | ")} |`;
}

console.log(
  "| servers | answer | sidekick: floor, ms | sidekick, ms | haproxy: floor, ms | haproxy, ms | sidekick of a core | haproxy of a core |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
for (const servers of sizes) console.log(await measure(servers));
