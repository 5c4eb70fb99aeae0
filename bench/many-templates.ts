/**
 * A template for each service, beside one template: start, memory, and what a change costs.
 *
 *   npm run bench:many                       50, 200, 400 and 1000 services with a template each
 *   npm run bench:many -- 100                another number
 *   npm run bench:many -- --puts 20          fewer changes
 *
 * Each service has five instances in etcd, and a file with its servers. The first row is the floor: one template, of one
 * service, beside all the instances of the row after it. A change gives one instance another weight. Compare CPU time and
 * counts: times depend on the machine.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Etcd3 } from "etcd3";
import { startEtcd } from "../test/real/etcd.ts";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";
import { cpuMs, memory } from "./cost.ts";
import { median } from "./figures.ts";
import { RewrittenFile } from "./rewritten-file.ts";

const { values: options, positionals } = parseArgs({
  options: { puts: { type: "string", default: "50" } },
  allowPositionals: true,
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [50, 200, 400, 1000];
const puts = Number(options.puts);
const instances = 5;

interface Row {
  readonly services: number;
  readonly templates: number;
  readonly bootMs: number;
  readonly bootCpuMs: number;
  readonly restMb: number;
  readonly peakMb: number;
  readonly idleCpuMs: number;
  readonly fileMs: readonly number[];
  readonly changeCpuMs: number;
  readonly rewritten: number;
}

function nameOf(service: number): string {
  return `svc-${String(service).padStart(4, "0")}`;
}

function put(service: number, instance: number, weight: number) {
  const host = `127.${1 + (service >> 8)}.${service & 255}.${1 + instance}`;
  const key = `/services/${nameOf(service)}/${host}:8080`;
  return {
    key,
    value: JSON.stringify({ host, port: 8080, weight }),
    line: `server ${host}:8080 weight=${weight};\n`,
  };
}

async function fill(etcd: Etcd3, services: number): Promise<void> {
  for (let service = 0; service < services; service += 1) {
    const batch = Array.from({ length: instances }, (_, i) => {
      const { key, value } = put(service, i, 1);
      return { request_put: { key: Buffer.from(key), value: Buffer.from(value) } };
    });
    await etcd.kv.txn({ compare: [], failure: [], success: batch });
  }
}

async function measure(services: number, templates: number): Promise<Row> {
  await using scope = new CleanupScope();
  const folder = await throwAwayFolder(scope);
  const { endpoint } = await startEtcd(scope);
  const etcd = new Etcd3({ hosts: `http://${endpoint}` });
  scope.after(() => etcd.close());
  await fill(etcd, services);

  const targets = join(folder, "targets");
  await mkdir(targets);
  await mkdir(join(folder, "templates"));
  const names = Array.from({ length: templates }, (_, service) => nameOf(service));
  for (const name of names) {
    const text = `{{#each (instances "${name}")}}\nserver {{address}} weight={{weight}};\n{{/each}}\n`;
    await writeFile(join(folder, "templates", `${name}.hbs`), text);
  }
  const lines = names.map(
    (name) => `    - { source: templates/${name}.hbs, target: ${join(targets, `${name}.conf`)} }`,
  );
  const config = join(folder, "sidekick.yaml");
  await writeFile(
    config,
    [`keyspace: etcd://${endpoint}`, "watch:", "  templates:", ...lines].join("\n"),
  );

  const begunMs = performance.now();
  const { pid } = start(scope, [...main, "watch", "-c", config], {
    env: { STATE_DIRECTORY: folder },
  });
  const isThere = async () =>
    (await readdir(targets)).filter((one) => one.endsWith(".conf")).length === templates;
  await eventually("every file is there", isThere, 300_000);
  const bootMs = performance.now() - begunMs;
  const bootCpuMs = await cpuMs(pid);
  await delay(3000);
  const restedMs = await cpuMs(pid);
  const idleSeconds = 5;
  await delay(idleSeconds * 1000);
  const idleCpuMs = ((await cpuMs(pid)) - restedMs) / idleSeconds;
  const { nowMb: restMb, peakMb } = await memory(pid);

  const inodes = async () =>
    new Map(
      await Promise.all(
        names.map(async (name) => [name, (await stat(join(targets, `${name}.conf`))).ino] as const),
      ),
    );
  const fileMs: number[] = [];
  let rewritten = 0;
  let spentMs = 0;
  for (let i = 0; i < puts; i += 1) {
    const service = (i * 7919) % templates;
    using file = new RewrittenFile(join(targets, `${nameOf(service)}.conf`));
    const before = await inodes();
    // Longer than the debounce time: each put is the first one after a pause.
    await delay(70 + (i % 7) * 3);
    const { key, value, line } = put(service, i % instances, 2 + (i % 250));
    const cpuBeforeMs = await cpuMs(pid);
    const putMs = performance.now();
    await etcd.put(key).value(value);
    const atMs = await file.becomes(`the file with ${line}`, (text) => text.includes(line), putMs);
    await delay(30);
    spentMs += (await cpuMs(pid)) - cpuBeforeMs;
    fileMs.push(atMs - putMs);
    const after = await inodes();
    for (const [name, inode] of after) if (before.get(name) !== inode) rewritten += 1;
  }
  return {
    ...{ services, templates, bootMs, bootCpuMs, restMb, peakMb, idleCpuMs, fileMs },
    changeCpuMs: spentMs / puts,
    rewritten: rewritten / puts,
  };
}

function print(rows: readonly Row[]): void {
  console.log(
    "| services × 5 | templates | start → all files ms | CPU of it ms | CPU ms a second at rest | RSS (peak) MB | put → file p50 ms | CPU ms per change | files rewritten per change |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|");
  for (const row of rows) {
    const figures = [
      row.services,
      row.templates,
      row.bootMs.toFixed(0),
      row.bootCpuMs.toFixed(0),
      row.idleCpuMs.toFixed(1),
      `${row.restMb.toFixed(0)} (${row.peakMb.toFixed(0)})`,
      median(row.fileMs).toFixed(1),
      row.changeCpuMs.toFixed(1),
      row.rewritten.toFixed(2),
    ];
    console.log(`| ${figures.join(" | ")} |`);
  }
}

// In memory if possible, so that the disk is not measured.
if (existsSync("/dev/shm")) process.env.TMPDIR = "/dev/shm";

const rows: Row[] = [];
for (const services of sizes) {
  rows.push(await measure(services, 1));
  rows.push(await measure(services, services));
}
print(rows);
