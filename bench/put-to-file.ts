/**
 * The time from a put in etcd to the rendered file, compared with the raw watch event of the same put, and what it costs.
 *
 *   npm run bench                    all sizes
 *   npm run bench -- 10 1000         only these sizes
 *   npm run bench -- --puts 50       fewer puts for each size
 *   npm run bench -- --other DIST    another build of the program beside this one, such as one from before a change; any number of them
 *   npm run bench -- --listing raw   only the templates with this in their name
 *
 * A template lists every key. Each put changes one of them while the watcher is idle. The time of the file is that of its
 * rename; its content is verified afterwards. Compare ratios of medians: absolute times depend on the machine. The floor is
 * `bare-file.ts`, in the same run: the plain library and one write for each change. The programs run at the same time, each with
 * an etcd of its own, and take turns of 20 puts, so that what else the machine does meets all of them; CPU time is the median of
 * these turns. Memory is that after the last change, and the peak.
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
import { memory, preciseCpuMs } from "./cost.ts";
import { median, quantile } from "./figures.ts";
import { RewrittenFile } from "./rewritten-file.ts";

const { values: options, positionals } = parseArgs({
  options: {
    puts: { type: "string", default: "200" },
    other: { type: "string", multiple: true, default: [] },
    listing: { type: "string", default: "" },
  },
  allowPositionals: true,
});
const sizes = positionals.length > 0 ? positionals.map(Number) : [10, 1000, 10_000, 100_000];
const puts = Number(options.puts);

/** A program has so many puts until it is another one's turn. */
const turn = 20;

/** A way to list every key: the values and the template. */
interface Listing {
  readonly name: string;
  readonly folder: string;
  readonly template: string;
  /** The last part of the key of an instance; by default its address. */
  readonly id?: (i: number) => string;
  readonly value: (address: string, weight: number) => string;
  readonly line: (address: string, weight: number) => string;
}

/** A program that renders the file, and the log of which is not measured. */
interface Program {
  readonly name: string;
  readonly argv: (at: {
    readonly endpoint: string;
    readonly config: string;
    readonly target: string;
    readonly listing: Listing;
  }) => readonly string[];
}

function built(name: string, cli: readonly string[]): Program {
  return { name, argv: ({ config }) => [...cli, "watch", "-c", config] };
}

const bare: Program = {
  name: "bare library",
  argv: ({ endpoint, target, listing: { folder } }) => [
    ...[process.execPath, join(import.meta.dirname, "bare-file.ts"), endpoint, folder, target],
    folder.startsWith("/services") ? "json" : "raw",
  ],
};

const programs: readonly Program[] = [
  ...options.other.map((dist) =>
    built(`build ${dist}`, [process.execPath, join(dist, "cli/main.js")]),
  ),
  bare,
  built("sidekick", main),
];

const listings: readonly Listing[] = [
  {
    name: "raw keys",
    folder: "/bench/web",
    template: '{{#each (getvs "/bench/web/*")}}\nserver {{this}};\n{{/each}}\n',
    value: (address, weight) => `${address} weight=${weight}`,
    line: (address, weight) => `server ${address} weight=${weight};\n`,
  },
  services("services", address),
  services("services, id ≠ address", (i) => `web-${String(i).padStart(10, "0")}`),
];

function services(name: string, id: (i: number) => string): Listing {
  return {
    name,
    id,
    folder: "/services/web",
    template:
      "{{#each services}}\n{{#each instances}}\nserver {{address}} weight={{weight}};\n{{/each}}\n{{/each}}\n",
    value: (address, weight) => {
      const [host, port] = address.split(":");
      return JSON.stringify({ host, port: Number(port), weight });
    },
    line: (address, weight) => `server ${address} weight=${weight};\n`,
  };
}

interface Row {
  readonly program: string;
  readonly listing: string;
  readonly keys: number;
  readonly firstMs: number;
  readonly rawMs: readonly number[];
  readonly fileMs: readonly number[];
  /** CPU time per put, of each turn. */
  readonly cpuMs: readonly number[];
  readonly restMb: number;
  readonly peakMb: number;
}

/** A program that runs, with its own etcd. */
interface Running {
  readonly program: Program;
  readonly firstMs: number;
  readonly pid: number;
  /** Puts as many keys as a turn has, `done` being how many puts came before. */
  readonly takeTurn: (done: number) => Promise<Turn>;
}

interface Turn {
  readonly rawMs: readonly number[];
  readonly fileMs: readonly number[];
  /** CPU time per put. */
  readonly cpuMs: number;
}

async function measure(listing: Listing, keys: number): Promise<readonly Row[]> {
  await using scope = new CleanupScope();
  const all: Running[] = [];
  for (const program of programs) all.push(await begin(scope, program, listing, keys));
  const turns = new Map(all.map((running) => [running, [] as Turn[]]));
  for (let done = 0; done < puts; done += turn) {
    for (const running of all) turns.get(running)?.push(await running.takeTurn(done));
  }
  return await Promise.all(
    all.map(async (running) => {
      const own = turns.get(running) ?? [];
      const { nowMb: restMb, peakMb } = await memory(running.pid);
      return {
        program: running.program.name,
        ...{ listing: listing.name, keys, firstMs: running.firstMs },
        rawMs: own.flatMap(({ rawMs }) => rawMs),
        fileMs: own.flatMap(({ fileMs }) => fileMs),
        cpuMs: own.map(({ cpuMs }) => cpuMs),
        ...{ restMb, peakMb },
      };
    }),
  );
}

async function begin(
  scope: CleanupScope,
  program: Program,
  listing: Listing,
  keys: number,
): Promise<Running> {
  const folder = await throwAwayFolder(scope);
  const { endpoint } = await startEtcd(scope);
  const etcd = new Etcd3({ hosts: `http://${endpoint}` });
  scope.after(() => etcd.close());
  await fill(etcd, listing, keys);

  // In another folder than the templates, like /etc/haproxy: the folder of templates is watched for edits.
  const target = join(folder, "target", "out.conf");
  await mkdir(dirname(target));
  // As a packaged service has it, too.
  const state = join(folder, "state");
  await mkdir(state);
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
  const argv = program.argv({ endpoint, config, target, listing });
  const { pid } = start(scope, argv, { env: { STATE_DIRECTORY: state } });
  await eventually("the first rendering", () => existsSync(target), 60_000);
  const firstMs = performance.now() - begunMs;

  const raw = await etcd.watch().prefix(`${listing.folder}/`).create();
  scope.after(() => raw.cancel());
  let event: RawEvent = { value: "", atMs: 0 };
  raw.on("put", ({ value }) => {
    event = { value: value.toString(), atMs: performance.now() };
  });
  const file = new RewrittenFile(target);
  scope.after(() => file[Symbol.dispose]());
  const driven = { etcd, listing, keys, pid, file, event: () => event };
  return { program, firstMs, pid, takeTurn: (done) => drive(driven, done) };
}

interface RawEvent {
  readonly value: string;
  readonly atMs: number;
}

function address(i: number): string {
  return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}:8080`;
}

function keyValue({ folder, value, id = address }: Listing, i: number, weight: number) {
  return {
    key: Buffer.from(`${folder}/${id(i)}`),
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

interface Driven extends Pick<Running, "pid"> {
  readonly etcd: Etcd3;
  readonly listing: Listing;
  readonly keys: number;
  readonly file: RewrittenFile;
  readonly event: () => RawEvent;
}

async function drive(driven: Driven, done: number): Promise<Turn> {
  const { etcd, listing, keys, pid, file, event } = driven;
  const [rawMs, fileMs]: [number[], number[]] = [[], []];
  const cpuBeforeMs = await preciseCpuMs(pid);
  for (let i = done; i < done + turn; i += 1) {
    // Longer than the debounce time: each put is the first one after a pause.
    await delay(70 + (i % 7) * 3);
    const at = (i * 7919) % keys;
    const weight = 2 + (i % 250);
    const { key, value } = keyValue(listing, at, weight);
    const line = listing.line(address(at), weight);
    const putMs = performance.now();
    await etcd.kv.put({ key, value });
    await eventually("the raw event", () => event().value === value.toString());
    rawMs.push(event().atMs - putMs);
    const atMs = await file.becomes(`the file with ${line}`, (text) => text.includes(line), putMs);
    fileMs.push(atMs - putMs);
  }
  // What follows the file, such as the journal, belongs to the change.
  await delay(50);
  const cpuMs = ((await preciseCpuMs(pid)) - cpuBeforeMs) / turn;
  return { rawMs, fileMs, cpuMs };
}

function print(all: readonly Row[]): void {
  console.log(
    "| template | keys | program | raw event p50 ms | put → file p50 / p99 ms | ÷ raw | CPU ms per change | start → first file ms | MB after / peak |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|");
  for (const { program, listing, keys, rawMs, fileMs, ...row } of all) {
    const [raw, file] = [median(rawMs), median(fileMs)];
    const times = `${file.toFixed(1)} / ${quantile(fileMs, 0.99).toFixed(1)}`;
    const numbers = [raw.toFixed(1), times, (file / raw).toFixed(2), median(row.cpuMs).toFixed(2)];
    const rest = [row.firstMs.toFixed(0), `${row.restMb.toFixed(0)} / ${row.peakMb.toFixed(0)}`];
    console.log(`| ${[listing, keys, program, ...numbers, ...rest].join(" | ")} |`);
  }
}

// In memory if possible, so that the disk is not measured.
if (existsSync("/dev/shm")) process.env.TMPDIR = "/dev/shm";

const rows: Row[] = [];
for (const keys of sizes) {
  for (const listing of listings.filter(({ name }) => name.includes(options.listing))) {
    rows.push(...(await measure(listing, keys)));
  }
}
print(rows);
