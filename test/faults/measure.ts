/**
 * Injects every fault several times on every keyspace and writes the results to docs/measured/recovery.json, from which
 * docs/recovery.md is generated. Exits with 1 if a guarantee was violated.
 *
 *   npm run bench:faults                              all faults, five times each: about half an hour
 *   npm run bench:faults -- --times 1 --only killed   faults with "killed" in their name, once
 *   npm run bench:faults -- --keyspace etcd --at-once 1
 *   npm run bench:faults -- --only "clock of the machine" --at-once 1 --move-clock
 *
 * Measured rows replace earlier rows of the same fault and keyspace; other rows stay.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import {
  type Measured,
  type MeasuredRow,
  measuredFile,
  readMeasured,
} from "../../docs/generate/recovery-page.ts";
import { CleanupScope } from "../support/cleanup-scope.ts";
import { root } from "../support/sources.ts";
import { faultsOf } from "./all.ts";
import type { Fault } from "./fault.ts";
import type { Store } from "./store.ts";
import { type Outcome, tryFault } from "./trial.ts";

const { values: options } = parseArgs({
  options: {
    times: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    keyspace: { type: "string", multiple: true, default: ["etcd", "zookeeper"] },
    "move-clock": { type: "boolean", default: false },
    "at-once": { type: "string", default: "3" },
  },
});

interface Task {
  readonly kind: Store["kind"];
  readonly fault: Fault;
}

const tasks: readonly Task[] = (["etcd", "zookeeper"] as const)
  .filter((kind) => options.keyspace.includes(kind))
  .flatMap((kind) => faultsOf(kind).map((fault) => ({ kind, fault })))
  .filter(({ fault }) => fault.name.includes(options.only))
  .filter(({ fault }) => !fault.disturbing || options["move-clock"]);

const rows = new Map<Task, MeasuredRow>();
let failed = 0;

async function measure(task: Task): Promise<void> {
  await using scope = new CleanupScope();
  const { kind, fault } = task;
  try {
    const outcomes = await tryFault(scope, kind, fault, Number(options.times));
    rows.set(task, rowOf(task, outcomes));
    const worst = Math.max(...outcomes.map(({ recoveredMs }) => recoveredMs));
    console.log(`${kind}: ${fault.name}: recovered after ${Math.round(worst)} ms at most`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${String(error)}`);
  }
}

function rowOf({ kind, fault }: Task, outcomes: readonly Outcome[]): MeasuredRow {
  const { name, since, setting } = fault;
  const trials = outcomes.map(({ recoveredMs, missingMs, kept, watcher, presence }) => ({
    recoveredMs: Math.round(recoveredMs),
    missingMs: Math.round(missingMs),
    kept,
    watcherMb: Math.round(watcher.rssMb),
    presenceMb: Math.round(presence.rssMb),
  }));
  return { fault: name, keyspace: kind, members: setting.members, since, trials };
}

/** The earlier rows, replaced by the measured ones, in the order of the faults. */
function merged(before: readonly MeasuredRow[]): readonly MeasuredRow[] {
  const kinds = ["etcd", "zookeeper"] as const;
  const order = kinds.flatMap((kind) => faultsOf(kind).map(({ name }) => idOf(name, kind)));
  const known = new Map(
    [...before, ...rows.values()].map((row) => [idOf(row.fault, row.keyspace), row]),
  );
  const names = [...new Set(order.map((id) => id.split("\n")[0] ?? ""))];
  return names.flatMap((name) => kinds.flatMap((kind) => known.get(idOf(name, kind)) ?? []));
}

function idOf(fault: string, keyspace: string): string {
  return `${fault}\n${keyspace}`;
}

async function setting(): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("etcd", ["--version"]);
  const { stdout: zookeeper } = await promisify(execFile)("dpkg-query", [
    "--showformat=$" + "{Version}",
    "-W",
    // The package of zookeeper.jar, which is all that the tests use.
    "libzookeeper-java",
  ]);
  const etcd = /Version: (\S+)/.exec(stdout)?.[1] ?? "?";
  return [
    `etcd ${etcd}, ZooKeeper ${/^[\d.]+/.exec(zookeeper)?.[0]}, Node.js ${process.versions.node}, ${cpus().length} cores, ${options["at-once"]} faults at once`,
  ];
}

const queue = tasks.values();
const worker = async () => {
  for (const task of queue) await measure(task);
};
await Promise.all(Array.from({ length: Number(options["at-once"]) }, worker));
const before: Measured = await readMeasured(root).catch(() => ({ setting: [], rows: [] }));
const after: Measured = { setting: await setting(), rows: merged(before.rows) };
await writeFile(join(root, measuredFile), `${JSON.stringify(after, undefined, 1)}\n`);
process.exitCode = failed > 0 ? 1 : 0;
