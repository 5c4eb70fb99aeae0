import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";
import { announced } from "./registered.ts";
import { bareClient } from "./bare-client.ts";
import { cpuMs, memory } from "./cost.ts";
import { entriesBelow, instanceAt } from "./instances.ts";
import { RewrittenFile } from "./rewritten-file.ts";
import { type Store, startStore } from "./stores.ts";

const folder = "/services";

/** How many writes an agent has under way at once, and so the bare client too. */
const width = 64;

/** How long anything may take, in milliseconds. */
const limitMs = 120_000;

/** How long the agents are left alone until they count as resting, and how long they then rest, in milliseconds. */
const [calmMs, restMs] = [2000, 10_000];

/** One agent announces instances, and another one lists them in a file. All times are milliseconds. */
export interface AgentsFigures {
  /** A bare client's puts, and their end. */
  readonly bareWriteMs: number;
  readonly bareGoneMs: number;
  /** Since the presence agent was started. */
  readonly firstKeyMs: number;
  readonly lastKeyMs: number;
  /** Since a watcher was started, with all keys in the store. */
  readonly fileMs: number;
  /** Since SIGTERM to the presence agent. */
  readonly goneMs: number;
  readonly emptyFileMs: number;
  /** From the last key of another presence agent to the file of the watcher, which has been running. */
  readonly lastKeyToFileMs: number;
  readonly presence: Cost;
  readonly watcher: Cost;
}

/** What an agent costs while nothing happens, and the most memory that it took by then. */
export interface Cost {
  readonly restMb: number;
  readonly peakMb: number;
  /** Of processor time in each second. */
  readonly cpuMs: number;
}

export interface AgentsLoad {
  readonly instances: number;
  /** Whether each instance has a check, which finds it well. */
  readonly checked: boolean;
}

export async function agentsLoad(
  name: string,
  { instances, checked }: AgentsLoad,
): Promise<AgentsFigures> {
  await using scope = new CleanupScope();
  const store = await startStore(name, scope);
  const bare = await bareWrites(store, instances);
  const services = await declare(scope, instances, checked);
  const { announcing, watching, target } = await configure(scope, store.url, services);
  using file = new RewrittenFile(target);
  const filesLines = (count: number, sinceMs: number) =>
    file.becomes(`a file of ${count} lines`, (text) => lines(text) === count, sinceMs, limitMs);

  const startMs = performance.now();
  const presence = start(scope, [...main, "presence", "-c", announcing]);
  const { firstMs, lastMs } = await announced(presence, instances);
  await mustCount(store, folder, instances);

  const watchMs = performance.now();
  const watcher = start(scope, [...main, "watch", "-c", watching]);
  const fileMs = (await filesLines(instances, watchMs)) - watchMs;
  const [presenceCost, watcherCost] = await Promise.all([rest(presence.pid), rest(watcher.pid)]);

  const stopMs = performance.now();
  const [goneMs, emptyFileMs] = await Promise.all([
    gone(store, folder),
    filesLines(0, stopMs),
    presence.stop(),
  ]);

  const againMs = performance.now();
  const again = start(scope, [...main, "presence", "-c", announcing]);
  const [{ lastMs: keysMs }, listedMs] = await Promise.all([
    announced(again, instances),
    filesLines(instances, againMs),
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

/** The floor: as many puts by a bare client, elsewhere in the store. */
async function bareWrites(store: Store, instances: number) {
  const elsewhere = "/floor";
  const client = await bareClient(store.url);
  const startMs = performance.now();
  const end = await client.announce(entriesBelow(elsewhere, instances), width);
  const writtenMs = performance.now();
  await mustCount(store, elsewhere, instances);
  const endMs = performance.now();
  const [goneMs] = await Promise.all([gone(store, elsewhere), end()]);
  client.close();
  return { bareWriteMs: writtenMs - startMs, bareGoneMs: goneMs - endMs };
}

async function mustCount(store: Store, below: string, wanted: number): Promise<void> {
  const count = await store.count(below);
  if (count !== wanted) throw new Error(`${store.url} counts ${count} keys, not ${wanted}`);
}

/** Waits until the store counts no key any more; when that was, in performance.now(). */
async function gone(store: Store, below: string): Promise<number> {
  const isGone = async () => (await store.count(below)) === 0 && performance.now();
  return await eventually(`no key below ${below}`, isGone, limitMs);
}

/** The instances as a configuration names them. */
async function declare(
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
  const [announcing, watching] = [join(root, "presence.json"), join(root, "watch.json")];
  // Apart from the templates, as /etc/haproxy is: their folder is watched for edits.
  const target = join(root, "target", "out.conf");
  await mkdir(join(root, "target"));
  const templates = [{ source: "list.hbs", target, prefixes: [folder] }];
  const each =
    "{{#each services}}\n{{#each instances}}\nserver {{address}};\n{{/each}}\n{{/each}}\n";
  await writeFile(join(root, "list.hbs"), each);
  await writeFile(announcing, JSON.stringify({ keyspace, presence: { services } }));
  await writeFile(watching, JSON.stringify({ keyspace, watch: { templates } }));
  return { announcing, watching, target };
}

async function rest(pid: number): Promise<Cost> {
  await delay(calmMs);
  const beforeMs = await cpuMs(pid);
  await delay(restMs);
  const spentMs = (await cpuMs(pid)) - beforeMs;
  const { nowMb: restMb, peakMb } = await memory(pid);
  return { restMb, peakMb, cpuMs: (spentMs * 1000) / restMs };
}

function lines(text: string): number {
  return text.split("\n").filter((line) => line.startsWith("server ")).length;
}
