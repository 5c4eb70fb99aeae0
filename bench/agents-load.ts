import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";
import { bareClient } from "./bare-client.ts";
import { cpuMs, memory } from "./cost.ts";
import { entriesBelow, instanceAt } from "./instances.ts";
import { registered } from "./registered.ts";
import { RewrittenFile } from "./rewritten-file.ts";
import { type Store, startStore } from "./stores.ts";

const folder = "/services";

/** The number of concurrent writes of an agent, and therefore of the bare client. */
const width = 64;

/** The time limit of each step, in milliseconds. */
const limitMs = 120_000;

/** The time until the agents are idle, and the time for which they are then measured, in milliseconds. */
const [settleMs, idleMs] = [2000, 10_000];

/** A presence agent registers instances, and a watcher lists them in a file. All times are in milliseconds. */
export interface AgentsFigures {
  /** The puts of a bare client, and their removal. */
  readonly bareWriteMs: number;
  readonly bareGoneMs: number;
  /** Since the presence agent was started. */
  readonly firstKeyMs: number;
  readonly lastKeyMs: number;
  /** Since a watcher was started while all keys were in the store. */
  readonly fileMs: number;
  /** Since SIGTERM to the presence agent. */
  readonly goneMs: number;
  readonly emptyFileMs: number;
  /** From the last key of another presence agent to the file of the running watcher. */
  readonly lastKeyToFileMs: number;
  readonly presence: Cost;
  readonly watcher: Cost;
}

/** The cost of an idle agent, and its peak memory until then. */
export interface Cost {
  readonly idleMb: number;
  readonly peakMb: number;
  /** CPU time per second. */
  readonly cpuMs: number;
}

export interface AgentsLoad {
  readonly instances: number;
  /** Whether each instance has a check, which succeeds. */
  readonly checked: boolean;
}

export async function agentsLoad(
  name: string,
  { instances, checked }: AgentsLoad,
): Promise<AgentsFigures> {
  await using scope = new CleanupScope();
  const store = await startStore(name, scope);
  const bare = await bareWrites(store, instances);
  const services = await serviceSettings(scope, instances, checked);
  const { presenceConfig, watchConfig, target } = await configure(scope, store.url, services);
  using file = new RewrittenFile(target);
  const fileWithLines = (count: number, sinceMs: number) =>
    file.becomes(`a file of ${count} lines`, (text) => lines(text) === count, sinceMs, limitMs);

  const startMs = performance.now();
  const presence = start(scope, [...main, "presence", "-c", presenceConfig]);
  const { firstMs, lastMs } = await registered(presence, instances);
  await assertCount(store, folder, instances);

  const watchMs = performance.now();
  const watcher = start(scope, [...main, "watch", "-c", watchConfig]);
  const fileMs = (await fileWithLines(instances, watchMs)) - watchMs;
  const [presenceCost, watcherCost] = await Promise.all([
    idleCost(presence.pid),
    idleCost(watcher.pid),
  ]);

  const stopMs = performance.now();
  const [goneMs, emptyFileMs] = await Promise.all([
    gone(store, folder),
    fileWithLines(0, stopMs),
    presence.stop(),
  ]);

  const againMs = performance.now();
  const again = start(scope, [...main, "presence", "-c", presenceConfig]);
  const [{ lastMs: keysMs }, listedMs] = await Promise.all([
    registered(again, instances),
    fileWithLines(instances, againMs),
  ]);
  return {
    ...bare,
    firstKeyMs: firstMs - startMs,
    lastKeyMs: lastMs - startMs,
    fileMs,
    goneMs: goneMs - stopMs,
    emptyFileMs: emptyFileMs - stopMs,
    lastKeyToFileMs: listedMs - keysMs,
    presence: presenceCost,
    watcher: watcherCost,
  };
}

/** The floor: the same number of puts by a bare client, in another folder. */
async function bareWrites(store: Store, instances: number) {
  const floor = "/floor";
  const client = await bareClient(store.url);
  const startMs = performance.now();
  const end = await client.register(entriesBelow(floor, instances), width);
  const writtenMs = performance.now();
  await assertCount(store, floor, instances);
  const endMs = performance.now();
  const [goneMs] = await Promise.all([gone(store, floor), end()]);
  client.close();
  return { bareWriteMs: writtenMs - startMs, bareGoneMs: goneMs - endMs };
}

async function assertCount(store: Store, below: string, expected: number): Promise<void> {
  const count = await store.count(below);
  if (count !== expected) throw new Error(`${store.url} counts ${count} keys, not ${expected}`);
}

/** Waits until the store counts no keys. Resolves with that time, as of performance.now(). */
async function gone(store: Store, below: string): Promise<number> {
  const isGone = async () => (await store.count(below)) === 0 && performance.now();
  return await eventually(`no key below ${below}`, isGone, limitMs);
}

/** The `services` of a configuration. */
async function serviceSettings(
  scope: CleanupScope,
  count: number,
  checked: boolean,
): Promise<readonly unknown[]> {
  const instances = Array.from({ length: count }, (_, i) => instanceAt(i));
  const services = instances.map(({ service: name, host, port }) => ({ name, host, port }));
  if (!checked) return services;
  const server = createServer((socket) => socket.destroy());
  scope.after(() => server.close());
  await once(server.listen(0, "0.0.0.0"), "listening");
  const { port } = server.address() as AddressInfo;
  const checks = [{ type: "tcp", interval: "30s" }];
  return services.map((service) => ({ ...service, port, checks }));
}

/** Writes the configurations of both agents, and the template. */
async function configure(scope: CleanupScope, keyspace: string, services: readonly unknown[]) {
  const root = await throwAwayFolder(scope);
  const [presenceConfig, watchConfig] = [join(root, "presence.json"), join(root, "watch.json")];
  // In another folder than the templates, like /etc/haproxy: the folder of templates is watched for edits.
  const target = join(root, "target", "out.conf");
  await mkdir(join(root, "target"));
  const templates = [{ source: "list.hbs", target, prefixes: [folder] }];
  const each =
    "{{#each services}}\n{{#each instances}}\nserver {{address}};\n{{/each}}\n{{/each}}\n";
  await writeFile(join(root, "list.hbs"), each);
  await writeFile(presenceConfig, JSON.stringify({ keyspace, presence: { services } }));
  // Without an entry of the watcher itself: ZooKeeper counts the ephemeral nodes of all folders.
  const limits = { services: 100_000 };
  const watch = { templates, limits, acknowledge: false };
  await writeFile(watchConfig, JSON.stringify({ keyspace, watch }));
  return { presenceConfig, watchConfig, target };
}

async function idleCost(pid: number): Promise<Cost> {
  await delay(settleMs);
  const beforeMs = await cpuMs(pid);
  await delay(idleMs);
  const spentMs = (await cpuMs(pid)) - beforeMs;
  const { nowMb: idleMb, peakMb } = await memory(pid);
  return { idleMb, peakMb, cpuMs: (spentMs * 1000) / idleMs };
}

function lines(text: string): number {
  return text.split("\n").filter((line) => line.startsWith("server ")).length;
}
