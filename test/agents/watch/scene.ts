import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { factsOf } from "../../../agents/status.ts";
import { createWatch } from "../../../agents/watch/agent.ts";
import { openGroups } from "../../../agents/watch/groups.ts";
import type { Arrivals } from "../../../agents/watch/state.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import type { TemplatePlan, WatchPlan } from "../../../lib/config/plan.ts";
import type { Keyspace } from "../../../lib/keyspace/contract.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { Mounts } from "../../../lib/keyspace/mounts/mounts.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import type { Change, Observed, Proxy, ServerCounters } from "../../../lib/proxy/contract.ts";
import type { AddressLookup } from "../../../lib/resolve/contract.ts";
import { report as reportOf } from "../../../lib/status/report.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { running } from "../../support/service.ts";

/** A proxy that a test has accept or reject what it is given. */
export class StandInProxy implements Proxy {
  readonly title = "the proxy";
  /** When it was to be changed, by the clock of the test, and to what. */
  readonly attempts: { readonly atMs: number; readonly texts: readonly string[] }[] = [];
  /** The fault of a change; undefined where it succeeds. */
  rejects: (text: string) => Fault | undefined = () => undefined;
  /** Whether a change takes no reload; undefined for a proxy that always reloads. */
  canAdjust?: (change: Change) => boolean;
  /** Whether weights need no reload. */
  weighs?: true;
  /** The result of looking at it. */
  observed: Observed = { state: "serving" };
  /** What it has counted. */
  counted: readonly ServerCounters[] = [];
  /** How often it was asked for that. */
  asked = 0;
  /** How often the processes that run were declared to be the verified ones. */
  adoptions = 0;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async observe() {
    return this.observed;
  }

  async counters() {
    this.asked += 1;
    return this.counted;
  }

  async adopt() {
    this.adoptions += 1;
    this.observed = { state: "serving" };
  }

  async apply(change: Change) {
    const texts = change.files.map(({ desired }) => desired);
    this.attempts.push({ atMs: this.#clock.now(), texts });
    for (const text of texts) {
      const fault = this.rejects(text);
      if (fault) throw fault;
    }
    return this.canAdjust?.(change) ? "adjusted" : "reloaded";
  }

  /** When each attempt was made. */
  get timesMs(): readonly number[] {
    return this.attempts.map(({ atMs }) => atMs);
  }
}

/** A proxy's rejection of a text that has one of these addresses, which it quotes. */
export function rejecting(...addresses: readonly string[]) {
  return (text: string): Fault | undefined => {
    const bad = addresses.find((address) => text.includes(address));
    return bad === undefined
      ? undefined
      : new Fault("PROXY_REJECTED", true, `cannot resolve ${bad}`);
  };
}

export interface WatchSceneOptions {
  readonly plan?: Partial<WatchPlan>;
  /** The least time between two reloads of the proxy, in milliseconds. */
  readonly minIntervalMs?: number;
  /** Whether the proxy changes weights without a reload. */
  readonly weighs?: true;
  /** The permissions of the file. */
  readonly mode?: number;
  /** A check command of the file. */
  readonly check?: TemplatePlan["target"]["check"];
  readonly hasProxy?: boolean;
  /** The path of the file below the folder of the scene: `out` unless set. */
  readonly target?: string;
  readonly cachePath?: string;
  /** That of an earlier scene; a new one unless set. */
  readonly folder?: string;
  /** Looks host names up. Has no addresses unless set. */
  readonly lookup?: AddressLookup["lookup"];
  /** The folders that the template reads: that of the services unless set. */
  readonly prefixes?: readonly string[];
  /** The folder that the template sees as `/`. */
  readonly root?: string;
  /** The folders that a prefix above them does not show. */
  readonly hidden?: readonly string[];
  /** Those of them that are only folders of a source. */
  readonly sourceFolders?: readonly string[];
  /** Keyspaces that are mounted, by folder. */
  readonly mounted?: (clock: ManualClock) => ReadonlyMap<string, Keyspace>;
  /** Makes the text in place of the template. */
  readonly generator?: TemplatePlan["generator"];
  /** The text of the template: `template` unless set. */
  readonly text?: string;
  /** What measures how long entries take. */
  readonly arrivals?: Arrivals;
  /** The clock and the store of an earlier scene: another watcher of the same keyspace. */
  readonly beside?: { readonly clock: ManualClock; readonly store: MemoryStore };
  /** Distinguishes the watcher from all others: `watcher.1` unless set. */
  readonly id?: string;
  /** Called with the keyspace before the watcher is created. */
  readonly before?: (keyspace: FaultyKeyspace, store: MemoryStore) => void;
}

/** The services of the keyspace, a line each; an address is followed by its weight. */
export const template =
  "{{#each services}}{{name}}:{{#each instances}} {{address}}*{{weight}}{{/each}}\n{{/each}}";

/** Half of each delay is left to chance, which has none here: 1.5s, 3s, 6s. */
export const retry = { firstMs: 3000, maxMs: 12_000 };

/** A watcher of one template in memory, with a stand-in for its proxy; its files are real ones in a folder. */
export async function watchScene(t: TestContext, options: WatchSceneOptions = {}) {
  const folder = options.folder ?? (await throwAwayFolder(t));
  const [source, path] = [join(folder, "t.hbs"), join(folder, options.target ?? "out")];
  await mkdir(dirname(path), { recursive: true });
  await writeFile(source, options.text ?? template);
  const clock = options.beside?.clock ?? new ManualClock();
  const log = new RecordingLog();
  const store = options.beside?.store ?? new MemoryStore(clock);
  const { id = "watcher.1" } = options;
  const entryKey = `/sidekick/watchers/${id}`;
  const keyspace = new FaultyKeyspace(store.open());
  options.before?.(keyspace, store);
  const { check, mode, minIntervalMs = 0, hasProxy = true, prefixes = ["/services"] } = options;
  const file: TemplatePlan = {
    ...{ name: "t.hbs", source, prefixes, format: "plain" },
    ...(options.root !== undefined && { root: options.root }),
    ...(options.hidden && { hidden: options.hidden }),
    ...(options.generator && { generator: options.generator }),
    ...(options.sourceFolders && { sourceFolders: options.sourceFolders }),
    target: { path, ...(mode !== undefined && { mode }), ...(check && { check }) },
    ...(hasProxy && {
      proxy: { type: "command", run: ["true"], minInterval: minIntervalMs, timeout: 30_000 },
    }),
  };
  const all = { maxLoss: 0.5, min: 0, retainMs: 10_000, keepEmpty: false };
  const plan: WatchPlan = {
    services: "/services",
    settle: { quietMs: 50, atMostMs: 1000 },
    retry,
    limits: unlimited,
    guard: { all, services: {} },
    ...{ resolve: true, acknowledge: true },
    drift: "report",
    templates: [file],
    ...options.plan,
  };
  const random = () => 0;
  const { lookup = async () => [] } = options;
  const resolver = { lookup, resolveSrv: async () => [] };
  const rendering = { env: {}, resolver, shipped: folder };
  const groups = await openGroups(plan, { clock, random, ...rendering });
  const proxy = new StandInProxy(clock);
  if (options.weighs) {
    proxy.weighs = true;
    proxy.canAdjust = () => true;
  }
  const replaced = groups.map((group) => (group.proxy ? { ...group, proxy } : group));
  const settings = { cachePath: options.cachePath ?? (false as const), id };
  const mounts = new Mounts(keyspace, options.mounted?.(clock));
  const { arrivals } = options;
  const deps = { mounts, clock, random, log, resolver, ...(arrivals && { arrivals }) };
  const agent = await createWatch(plan, replaced, settings, deps);
  const facts = { version: "1.2.3", pid: 4711, configuration: [], startedMs: 0, url: keyspace.url };
  const report = () =>
    reportOf(factsOf({ ...facts, isShuttingDown: false }, [agent.status()]), {
      nowMs: clock.now(),
      date: new Date(clock.now()),
    });
  const text = () => readFile(path, "utf8").catch(() => "");
  const session = await store.open().open(3_600_000, never);
  return {
    ...{ agent, clock, log, store, keyspace, proxy, report, text, path, source, folder, entryKey },
    run: () => running(t, agent, clock),
    /** Goes on with another plan, as after a reload of the configuration; `others` are templates beside the one of the scene. */
    replacePlan: async (
      { others = [], ...changes }: Partial<WatchPlan> & { others?: readonly TemplatePlan[] },
      other: Mounts = mounts,
    ) => {
      const next = { ...plan, templates: [file, ...others], ...changes };
      const opened = await openGroups(next, { clock, random, ...rendering });
      const all = opened.map((group) => (group.proxy ? { ...group, proxy } : group));
      await agent.replacePlan(next, all, other);
    },
    /** A template beside the one of the scene, without a proxy. */
    another: async (name: string, body: string, folders: readonly string[] = prefixes) => {
      const at = join(folder, `${name}.hbs`);
      await writeFile(at, body);
      const target = { path: join(folder, name) };
      const other: TemplatePlan = { name, source: at, prefixes: folders, format: "plain", target };
      return { plan: other, text: () => readFile(target.path, "utf8").catch(() => "") };
    },
    /** Registers instances of a service. */
    register: async (service: string, ...addresses: readonly string[]) => {
      for (const address of addresses)
        await session.put(`/services/${service}/${address}`, address, never);
    },
    deregister: async (service: string, ...addresses: readonly string[]) => {
      for (const address of addresses)
        await session.remove(`/services/${service}/${address}`, never);
    },
    /** Waits until the file has this text. */
    becomes: (expected: string) =>
      eventually(
        `the file is ${JSON.stringify(expected)}`,
        async () => (await text()) === expected || undefined,
      ),
    /** Waits until an event was logged so many times. */
    logged: (event: string, times = 1) =>
      eventually(`${times} × ${event}`, () => count(log, event) >= times),
    count: (event: string) => count(log, event),
    /** The watcher's own entry. */
    entry: async () => (await readSnapshot(store.open(), [entryKey], never)).get(entryKey)?.value,
    /** Waits until all is done but what is to be done at this time. */
    sleepsUntil: async (ms: number) => {
      await eventually(`it sleeps until ${ms}`, () => clock.wakesAt(ms));
    },
    /** The attempts, once there are so many. */
    attempts: async (times: number) => {
      await eventually(`${times} attempts`, () => proxy.attempts.length >= times);
      return proxy.timesMs;
    },
  };
}

function count({ events }: RecordingLog, event: string): number {
  return events.filter((one) => one === event).length;
}
