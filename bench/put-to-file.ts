/**
 * The time from a put in etcd to the rendered file, compared with the raw watch event of the same put in the same run.
 *
 *   npm run bench                    all sizes
 *   npm run bench -- 10 1000         only these sizes
 *   npm run bench -- --puts 50       fewer puts for each size
 *
 * A template lists every key. Each put changes one of them while the watcher is idle. The time of the file is that of its
 * rename; its content is verified afterwards. Compare ratios of medians: absolute times depend on the machine.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Etcd3 } from "etcd3";
import { startEtcd } from "../test/real/etcd.ts";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";
import { cpuMs, memory } from "./cost.ts";
import { median, quantile } from "./figures.ts";
import { RewrittenFile } from "./rewritten-file.ts";

const { values: options, positionals } = parseArgs({
  options: { puts: { type: "string", default: "200" } },
  allowPositionals: true,
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [10, 1000, 10_000, 100_000];
const puts = Number(options.puts);

/** A way to list every key: the values and the template. */
interface Listing {
  readonly name: string;
  readonly folder: string;
  readonly template: string;
  readonly value: (address: string, weight: number) => string;
  readonly line: (address: string, weight: number) => string;
}

const listings: readonly Listing[] = [
  {
    name: "raw keys",
    folder: "/bench/web",
    template: '{{#each (getvs "/bench/web/*")}}\nserver {{this}};\n{{/each}}\n',
    value: (address, weight) => `${address} weight=${weight}`,
    line: (address, weight) => `server ${address} weight=${weight};\n`,
  },
  {
    name: "services",
    folder: "/services/web",
    template:
      "{{#each services}}\n{{#each instances}}\nserver {{address}} weight={{weight}};\n{{/each}}\n{{/each}}\n",
    value: (address, weight) => {
      const [host, port] = address.split(":");
      return JSON.stringify({ host, port: Number(port), weight });
    },
    line: (address, weight) => `server ${address} weight=${weight};\n`,
  },
];

interface Row {
  readonly listing: string;
  readonly keys: number;
  readonly firstMs: number;
  readonly rawMs: readonly number[];
  readonly fileMs: readonly number[];
  readonly cpuMs: number;
  readonly peakMb: number;
}

async function measure(listing: Listing, keys: number): Promise<Row> {
  await using scope = new CleanupScope();
  const folder = await throwAwayFolder(scope);
  const { endpoint } = await startEtcd(scope);
  const etcd = new Etcd3({ hosts: `http://${endpoint}` });
  scope.after(() => etcd.close());
  await fill(etcd, listing, keys);

  // In another folder than the templates, like /etc/haproxy: the folder of templates is watched for edits.
  const target = join(folder, "target", "out.conf");
  await mkdir(dirname(target));
  const config = join(folder, "sidekick.yaml");
  await writeFile(join(folder, "list.hbs"), listing.template);
  await writeFile(
    config,
    [
      `keyspace: etcd://${endpoint}`,
      "watch:",
      `  limits: { instances: ${Math.max(...sizes, 1)} }`,
      "  templates:",
      `    - { source: list.hbs, target: ${target}, prefixes: [${dirname(listing.folder)}] }`,
    ].join("\n"),
  );
  const begunMs = performance.now();
  const sidekick = start(scope, [...main, "watch", "-c", config], {
    env: { STATE_DIRECTORY: folder },
  });
  await eventually("the first rendering", () => existsSync(target), 60_000);
  const firstMs = performance.now() - begunMs;
  const driven = await drive(etcd, listing, keys, target, sidekick.pid);
  const { peakMb } = await memory(sidekick.pid);
  return { listing: listing.name, keys, firstMs, ...driven, peakMb };
}

function address(i: number): string {
  return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}:8080`;
}

function keyValue({ folder, value }: Listing, i: number, weight: number) {
  return {
    key: Buffer.from(`${folder}/${address(i)}`),
    value: Buffer.from(value(address(i), weight)),
  };
}

async function fill(etcd: Etcd3, listing: Listing, keys: number): Promise<void> {
  for (let from = 0; from < keys; from += 100) {
    const batch = Array.from({ length: Math.min(100, keys - from) }, (_, i) => ({
      request_put: keyValue(listing, from + i, 1),
    }));
    await etcd.kv.txn({ compare: [], failure: [], success: batch });
  }
}

async function drive(etcd: Etcd3, listing: Listing, keys: number, target: string, pid: number) {
  const raw = await etcd.watch().prefix(`${listing.folder}/`).create();
  let event = { value: "", atMs: 0 };
  raw.on("put", ({ value }) => {
    event = { value: value.toString(), atMs: performance.now() };
  });
  using file = new RewrittenFile(target);
  const [rawMs, fileMs]: [number[], number[]] = [[], []];
  const cpuBeforeMs = await cpuMs(pid);
  for (let i = 0; i < puts; i += 1) {
    // Longer than the debounce time: each put is the first one after a pause.
    await delay(70 + (i % 7) * 3);
    const at = (i * 7919) % keys;
    const weight = 2 + (i % 250);
    const { key, value } = keyValue(listing, at, weight);
    const line = listing.line(address(at), weight);
    const putMs = performance.now();
    await etcd.kv.put({ key, value });
    await eventually("the raw event", () => event.value === value.toString());
    rawMs.push(event.atMs - putMs);
    const atMs = await file.becomes(`the file with ${line}`, (text) => text.includes(line), putMs);
    fileMs.push(atMs - putMs);
  }
  const spentMs = (await cpuMs(pid)) - cpuBeforeMs;
  await raw.cancel();
  return { rawMs, fileMs, cpuMs: spentMs / puts };
}

function print(all: readonly Row[]): void {
  console.log(
    "| template | keys | raw event p50 ms | put → file p50 / p99 ms | ÷ raw | CPU ms per change | start → first file ms | peak MB |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const { listing, keys, rawMs, fileMs, ...row } of all) {
    const [raw, file] = [median(rawMs), median(fileMs)];
    const times = `${file.toFixed(1)} / ${quantile(fileMs, 0.99).toFixed(1)}`;
    const numbers = [raw.toFixed(1), times, (file / raw).toFixed(2), row.cpuMs.toFixed(1)];
    const rest = [row.firstMs.toFixed(0), row.peakMb.toFixed(0)];
    console.log(`| ${[listing, keys, ...numbers, ...rest].join(" | ")} |`);
  }
}

// In memory if possible, so that the disk is not measured.
if (existsSync("/dev/shm")) process.env.TMPDIR = "/dev/shm";

const rows: Row[] = [];
for (const keys of sizes) for (const listing of listings) rows.push(await measure(listing, keys));
print(rows);
