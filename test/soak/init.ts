/**
 * The built image with checks that fail by a command: some time out, some leave processes behind, some do not exist. Prints
 * for each minute the zombies, descriptors, memory and processor time of its container, and exits with 1 if zombies stay
 * or descriptors accumulate.
 *
 *   npm run bench:init -- --minutes 10
 */
import { chmod, mkdir, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { cpuMs, memory } from "../../bench/cost.ts";
import { startDockerEngine } from "../real/docker-engine.ts";
import { buildSidekickImage } from "../real/images.ts";
import { CleanupScope } from "../support/cleanup-scope.ts";
import { eventually, throwAwayFolder, writeForAll } from "../support/process.ts";

const { values: options } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });

/** The commands of the checks. Each is started five times a second. */
const commands = {
  exits: "exit 1",
  hangs: "sleep 30; true",
  orphans: "sleep 3 & exit 1",
  "detached-orphans": "setsid sh -c 'sleep 3; true' & exit 1",
  prints: "yes | head -c 300000; exit 1",
};

const services = Object.entries({ ...commands, missing: undefined }).map(([name, command]) => {
  const argv = command === undefined ? ["/nowhere"] : ["sh", "-c", command];
  const check = { type: "exec", command: argv, interval: "200ms", timeout: "100ms" };
  return { name, host: "127.0.0.1", port: 8080, checks: [check] };
});

/** A process as of /proc. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly isZombie: boolean;
  /** Undefined for a zombie. */
  readonly namespace: string | undefined;
}

/** The processes in the namespace of one process, which are those of its container. */
async function contained(init: number): Promise<readonly Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = await Promise.all(pids.map(readProcess));
  const own = all.find(({ pid }) => pid === init)?.namespace;
  const living = all.filter(({ namespace }) => namespace !== undefined && namespace === own);
  const parents = new Set(living.map(({ pid }) => pid));
  return [...living, ...all.filter((one) => one.isZombie && parents.has(one.parent))];
}

async function readProcess(pid: number): Promise<Process> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const [, state, parent] = /\) (\S) (\d+) [^)]*$/.exec(stat) ?? [];
  const isZombie = state === "Z";
  const namespace = await readlink(`/proc/${pid}/ns/pid`).catch(() => undefined);
  return { pid, parent: Number(parent), isZombie, namespace: isZombie ? undefined : namespace };
}

await using scope = new CleanupScope();
const engine = await startDockerEngine(scope);
const { docker } = engine;
const { image } = await buildSidekickImage(engine);
const folder = await throwAwayFolder(scope);
await chmod(folder, 0o755);
await mkdir(join(folder, "keyspace"));
await chmod(join(folder, "keyspace"), 0o777);
const config = { keyspace: "file:/keyspace", presence: { services } };
await writeForAll(join(folder, "sidekick.yaml"), JSON.stringify(config));
await docker(
  ...["run", "-d", "--name=agent", "--network=tests"],
  ...["-v", `${folder}/sidekick.yaml:/etc/sidekick/sidekick.yaml:ro`],
  ...["-v", `${folder}/keyspace:/keyspace`, image],
);
await eventually("every check has failed", async () => {
  const failed = (await engine.logs("agent")).match(/"health_changed"/g) ?? [];
  return failed.length >= services.length;
});
const init = Number(await docker("inspect", "--format={{.State.Pid}}", "agent"));
const agent = Number(
  (await readFile(`/proc/${init}/task/${init}/children`, "utf8")).trim().split(" ")[0],
);

/** The figures of a minute. */
interface Minute {
  /** Zombies that were there for several seconds: one that was just waited for does not count. */
  readonly zombies: number;
  readonly processes: number;
  /** The fewest descriptors in the minute: those of running probes come and go. */
  readonly descriptors: number;
  readonly rssMb: number;
  readonly cpuMsPerS: number;
}

async function observeMinute(): Promise<Minute> {
  const [startedMs, cpuBefore] = [performance.now(), await cpuMs(agent)];
  const seenZombies = new Map<number, number>();
  let [zombies, processes, descriptors] = [0, 0, Number.POSITIVE_INFINITY];
  while (performance.now() - startedMs < 60_000) {
    const all = await contained(init);
    const dead = new Set(all.filter(({ isZombie }) => isZombie).map(({ pid }) => pid));
    for (const pid of seenZombies.keys()) if (!dead.has(pid)) seenZombies.delete(pid);
    for (const pid of dead) seenZombies.set(pid, (seenZombies.get(pid) ?? 0) + 1);
    zombies = Math.max(zombies, [...seenZombies.values()].filter((times) => times > 3).length);
    processes = Math.max(processes, all.length);
    descriptors = Math.min(descriptors, (await readdir(`/proc/${agent}/fd`)).length);
    await delay(500);
  }
  const cpu = ((await cpuMs(agent)) - cpuBefore) / ((performance.now() - startedMs) / 1000);
  const rssMb = (await memory(agent)).nowMb;
  return { zombies, processes, descriptors, rssMb, cpuMsPerS: cpu };
}

console.log("| minute | zombies | most processes | descriptors | RSS, MB | CPU, ms a second |");
console.log("| --- | --- | --- | --- | --- | --- |");
const minutes: Minute[] = [];
for (let i = 1; i <= Number(options.minutes); i += 1) {
  const minute = await observeMinute();
  minutes.push(minute);
  const { zombies, processes, descriptors, rssMb, cpuMsPerS } = minute;
  const figures = [i, zombies, processes, descriptors, rssMb.toFixed(1), cpuMsPerS.toFixed(0)];
  console.log(`| ${figures.join(" | ")} |`);
}
const [first, last] = [minutes[0], minutes.at(-1)];
const grown = (last?.descriptors ?? 0) - (first?.descriptors ?? 0);
const lasting = Math.max(0, ...minutes.map(({ zombies }) => zombies));
const ok = lasting === 0 && grown <= 0;
console.log(`${lasting} zombies stayed; ${grown} descriptors more than in the first minute`);
process.exitCode = ok ? 0 : 1;
