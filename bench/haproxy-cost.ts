/**
 * What a change of one server costs that haproxy takes at run time: the time from the put in etcd until the running haproxy has the
 * server, and the CPU time of the watcher and of its check commands, beside the time in which a bare watcher of etcd has written a
 * file of that size to disk.
 *
 *   npm run build && node bench/haproxy-cost.ts                      10, 100 and 1 000 services of 10 servers
 *   npm run build && node bench/haproxy-cost.ts 100 --puts 40        only 100, and fewer changes
 *   node bench/haproxy-cost.ts --cli ../other/dist/cli/main.js       another build
 *
 * Changes are `--pause` milliseconds apart. A put of the bare watcher and one of haproxy take turns. "Files" is how often the check
 * command accepted a file that replaced the previous one; the CPU time of the commands is shared out to all changes.
 */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { writeDurably } from "../lib/base/atomic.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { throwAwayFolder } from "../test/support/process.ts";
import { commandsCpuMs, cpuMs } from "./cost.ts";
import { median, quantile } from "./figures.ts";
import { type Proxied, shipped, startProxied } from "./proxied.ts";

const { values: options, positionals } = parseArgs({
  options: {
    puts: { type: "string", default: "60" },
    pause: { type: "string", default: "150" },
    cli: { type: "string" },
  },
  allowPositionals: true,
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [10, 100, 1000];
const [puts, pauseMs] = [Number(options.puts), Number(options.pause)];

const perService = 10;
const template = shipped.replace("inter 1s fastinter 200ms downinter 1s", "inter 1m");

const keyOf = (service: number, at: number) => {
  const host = `127.${1 + (service >> 8)}.${service & 255}.${at}`;
  return [`/services/service-${service}/${host}:8080`, `${host}:8080`] as const;
};

async function fill({ etcd }: Pick<Proxied, "etcd">, services: number): Promise<void> {
  for (let service = 0; service < services; service += 1) {
    const success = Array.from({ length: perService }, (_, at) => {
      const [key, value] = keyOf(service, at + 1);
      return { request_put: { key: Buffer.from(key), value: Buffer.from(value) } };
    });
    await etcd.kv.txn({ compare: [], failure: [], success });
  }
}

/** A watcher that writes a file to disk at each event. Resolves with the function that makes a change and waits for the file. */
async function bareWatcher(scope: CleanupScope, { etcd }: Proxied, bytes: number) {
  const path = join(await throwAwayFolder(scope), "file");
  const content = Buffer.alloc(bytes, "x");
  const watching = await etcd.watch().prefix("/bare/").create();
  scope.after(() => watching.cancel());
  return async (): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    watching.once("put", () => resolve());
    const startMs = performance.now();
    await etcd.put("/bare/key").value("x");
    await promise;
    await using _ = await writeDurably(`${path}.new`, content, 0o644);
    await rename(`${path}.new`, path);
    return performance.now() - startMs;
  };
}

async function measure(services: number): Promise<string> {
  await using scope = new CleanupScope();
  const proxied = await startProxied(
    scope,
    {
      template,
      proxy: ({ master }) => `{ type: haproxy, master: ${master} }`,
      check: true,
      ...(options.cli !== undefined && { sidekick: [process.execPath, options.cli] }),
    },
    (etcd) => fill({ etcd }, services),
  );
  const { etcd, haproxy, socket, watcher, change } = proxied;
  const bare = await bareWatcher(scope, proxied, services * perService * 100);
  const [bareMs, servedMs]: [number[], number[]] = [[], []];
  const toggle = async (i: number) => {
    const service = (i * 7) % services;
    const [key, address] = keyOf(service, perService + 1 + i);
    let startMs = 0;
    const ready = new RegExp(` ${address.split(":")[0]} \\d 0 `);
    const isServed = async () =>
      ready.test(await haproxy.send(socket, `show servers state service-${service}`));
    await change(async () => {
      startMs = performance.now();
      await etcd.put(key).value(address);
      while (!(await isServed())) await delay(1);
      servedMs.push(performance.now() - startMs);
    });
    await delay(pauseMs);
  };
  for (let i = 0; i < 5; i += 1) await toggle(i);
  servedMs.length = 0;
  const before = { own: await cpuMs(watcher.pid), commands: await commandsCpuMs(watcher.pid) };
  const written = () => watcher.output().split('"event":"file_written"').length;
  const writtenBefore = written();
  for (let i = 5; i < puts + 5; i += 1) {
    bareMs.push(await bare());
    await toggle(i);
  }
  const own = ((await cpuMs(watcher.pid)) - before.own) / puts;
  const commands = ((await commandsCpuMs(watcher.pid)) - before.commands) / puts;
  const ms = (figure: number) => figure.toFixed(1);
  const times = [bareMs, servedMs].map((all) => `${ms(median(all))} / ${ms(quantile(all, 0.99))}`);
  return [
    `${services} × ${perService}`,
    ...times,
    ms(own),
    ms(commands),
    written() - writtenBefore,
  ].join(" | ");
}

console.log(
  "| services × servers | event → bare file p50 / p99 ms | put → served p50 / p99 ms | CPU ms per change | of check commands | files |",
);
console.log("|---|---|---|---|---|---|");
for (const services of sizes) console.log(`| ${await measure(services)} |`);
