import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { AgentsDeps } from "../../agents/deps.ts";
import type { ReloadSource } from "../../agents/reload/source.ts";
import { run } from "../../agents/run.ts";
import { Fault } from "../../lib/base/fault.ts";
import { never, untilAborted, whenAborted } from "../../lib/base/signal.ts";
import type { Plan, ServicePlan, TemplatePlan } from "../../lib/config/plan.ts";
import { getJson } from "../../lib/control/client.ts";
import type { Keyspace } from "../../lib/keyspace/contract.ts";
import { MemoryStore } from "../../lib/keyspace/memory.ts";
import { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { Snapshot } from "../../lib/model/snapshot.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import { unlimited } from "../../lib/view/limits.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { RecordingLog } from "../support/recording-log.ts";

/** Numbers that are the same for each run of a seed: 0 to below `most`. */
function numbers(seed: number) {
  let state = seed * 2_654_435_761;
  return (most: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state % most;
  };
}

type Pick1 = ReturnType<typeof numbers>;

const urls = ["memory:one", "memory:two"];

/** A configuration; `folder` is that of its files. */
function configuration(pick: Pick1, sources: string, folder: string): Plan {
  const services = ["web", "db", "api", "mail"].flatMap((name): readonly ServicePlan[] => {
    if (pick(3) === 0) return [];
    const labels = pick(2) === 0 ? {} : { labels: { zone: `z${pick(2)}` } };
    return [{ name, host: "10.0.0.1", port: 80 + pick(2), checks: [], ...labels }];
  });
  const templates = ["a", "b", "c"].flatMap((name): readonly TemplatePlan[] => {
    if (pick(3) === 0) return [];
    const source = join(sources, `${pick(2) === 0 ? "plain" : "weights"}.hbs`);
    const prefixes = pick(3) === 0 ? ["/services", "/conf"] : ["/services"];
    return [{ name, source, prefixes, format: "plain", target: { path: join(folder, name) } }];
  });
  const presence =
    pick(8) === 0
      ? undefined
      : {
          ...{ ttlMs: 10_000 * (1 + pick(2)), drainDelayMs: 1000, shutdownTimeoutMs: 10_000 },
          prefix: "/services",
          ...{
            format: pick(4) === 0 ? ("address" as const) : ("json" as const),
            name: `host${pick(2)}`,
            services,
          },
        };
  const watch =
    pick(8) === 0
      ? undefined
      : {
          services: "/services",
          settle: { quietMs: 0, atMostMs: 100 * pick(2) },
          retry: { firstMs: 1000, maxMs: 2000 },
          limits: unlimited,
          guard: { all: { maxLoss: 0.5, min: 5, retainMs: 2000, keepEmpty: false }, services: {} },
          ...{
            acknowledge: pick(2) === 0,
            drift: "report" as const,
            snapshotCache: false as const,
            resolve: true,
          },
          templates,
        };
  return {
    log: "info",
    keyspace: { url: urls[pick(2)] } as Plan["keyspace"],
    ...(presence && { presence }),
    ...(watch && { watch }),
    status: { socket: join(folder, `agent${pick(2)}.sock`) },
  };
}

/** Stores by URL, as all agents of a test see them, and each of their states. */
async function stores(t: TestContext, clock: ManualClock) {
  const all = new Map(urls.map((url) => [url, new MemoryStore(clock, url)]));
  const clients = new Map<string, Keyspace>();
  const seen = new Map<string, Snapshot[]>();
  const ending = new AbortController();
  t.after(() => ending.abort());
  for (const [url, store] of all) {
    store.write("/conf/x", "1");
    clients.set(url, store.open());
    const states: Snapshot[] = [];
    seen.set(url, states);
    const follow = async () => {
      for await (const batch of store.open().watch(["/services"], ending.signal))
        states.push((states.at(-1) ?? Snapshot.empty).after(batch));
    };
    untilAborted(ending.signal, follow()).catch(() => {});
  }
  const mountsOf = ({ keyspace: { url } }: Plan) => {
    const client = clients.get(url);
    assert.ok(client);
    return new Mounts(client);
  };
  const entries = () =>
    Object.fromEntries(
      [...seen].map(([url, states]) => [
        url,
        (states.at(-1)?.chunks.flat() ?? []).map(({ key, value }) => [key, value]),
      ]),
    );
  return { mountsOf, entries, seen };
}

/** Runs the agents of a plan, which can be reloaded. */
async function agents(t: TestContext, first: Plan, shipped: string) {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const all = await stores(t, clock);
  let mounts = all.mountsOf(first);
  let plan: Plan | Fault = first;
  let ask: ((why: string) => Promise<unknown>) | undefined;
  const source: ReloadSource = {
    read: async () => {
      if (plan instanceof Fault) throw plan;
      return { plan, warnings: [] };
    },
    keyspaces: {
      prepare: async (config) => {
        const next = all.mountsOf(config as Plan);
        return next.root.keyspace === mounts.root.keyspace ? mounts : next;
      },
      replace: (next) => {
        mounts = next;
      },
      closeUnused: async (_uses, _clock, s) => (await whenAborted(never, s)) as never,
    },
    setLevel: () => {},
    follow: (reload, s) => {
      ask = reload;
      return whenAborted(never, s);
    },
  };
  const deps: AgentsDeps = {
    ...{ mounts, clock, log, random: () => 0 },
    ...{ version: "1.2.3", hostName: "host", pid: 4711, uid: process.getuid?.() },
    ...{ env: {}, temporary: shipped, shipped },
    resolver: { lookup: async () => [], resolveSrv: async () => [] },
    isInteractive: false,
    onExit: () => ({ [Symbol.dispose]: () => {} }),
    onForwarded: () => ({ [Symbol.dispose]: () => {} }),
  };
  const stopping = new AbortController();
  const ended = untilAborted(
    stopping.signal,
    run(first, { files: ["/sidekick.yaml"], section: "any" }, deps, stopping.signal, source).then(
      () => {},
    ),
  );
  let hasEnded = false;
  const settled = () => {
    hasEnded = true;
  };
  ended.then(settled, settled);
  t.after(async () => {
    stopping.abort(new Error("the test is over"));
    await eventually("the agents stop", async () => {
      await clock.advance(1000);
      return hasEnded;
    });
    await ended;
  });
  let current = first;
  const status = async () => {
    const { presence, watch, degraded } = await getJson<StatusReport>(
      current.status?.socket ?? "",
      "/status",
      never,
    );
    const instances = presence?.instances.map(({ name, registered, verdict }) => ({
      name,
      registered,
      verdict,
    }));
    const templates = watch?.templates.map(
      ({ target, state }) => `${target.replace(/.*\//, "")} ${state}`,
    );
    return { instances, templates, degraded };
  };
  const files = async () => {
    const targets = current.watch?.templates.map(({ target }) => target.path) ?? [];
    const texts = targets.map(async (path) => [
      path.replace(/.*\//, ""),
      await readFile(path, "utf8").catch(() => ""),
    ]);
    return Object.fromEntries(await Promise.all(texts));
  };
  const state = async () => ({
    entries: all.entries(),
    files: await files(),
    status: await status(),
  });
  return {
    ...{ clock, log, seen: all.seen, state },
    reload: async (next: Plan | Fault) => {
      await eventually("it can be asked", () => ask !== undefined);
      plan = next;
      if (!(next instanceof Fault)) current = next;
      await ask?.("test");
    },
    /** Waits until nothing changes any longer, and returns the state. */
    settled: async () => {
      let last: unknown;
      let [same, result] = [0, {} as Awaited<ReturnType<typeof state>>];
      await eventually("it settles", async () => {
        await clock.advance(700);
        const now = await state().catch(() => undefined);
        const isDone = now !== undefined && !now.status.degraded;
        same = isDone && isDeepStrictEqual(now, last) ? same + 1 : 0;
        last = now;
        if (now) result = now;
        return same >= 6;
      });
      return result;
    },
  };
}

const inodes = async (plan: Plan) =>
  new Map(
    await Promise.all(
      (plan.watch?.templates ?? []).map(async ({ target }) => {
        const { ino } = await stat(target.path);
        return [target.path, { ino, text: await readFile(target.path, "utf8") }] as const;
      }),
    ),
  );

for (let seed = 1; seed <= 8; seed += 1) {
  test(`after a reload all is as after a fresh start, and what both configurations have was never absent (seed ${seed})`, async (t) => {
    const folder = await throwAwayFolder(t);
    await writeFile(
      join(folder, "plain.hbs"),
      "{{#each services}}{{name}}:{{#each instances}} {{address}}{{/each}}\n{{/each}}",
    );
    await writeFile(
      join(folder, "weights.hbs"),
      "{{#each services}}{{name}} {{#each instances}}{{address}}*{{weight}} {{/each}}{{/each}}",
    );
    const [own, other] = [join(folder, "own"), join(folder, "fresh")];
    await Promise.all([own, other].map((one) => mkdir(one)));
    const [first, second] = [
      configuration(numbers(seed), folder, own),
      configuration(numbers(seed + 100), folder, own),
    ];
    const fresh = await agents(t, configuration(numbers(seed + 100), folder, other), folder);
    const expected = await fresh.settled();
    const scene = await agents(t, first, folder);
    await scene.settled();
    const before = await inodes(first);
    const known = new Map([...scene.seen].map(([url, states]) => [url, states.length]));
    await scene.reload(new Fault("CONFIG_INVALID", false, "it is not valid"));
    assert.equal(scene.log.events.at(-1), "reload_refused");
    await scene.reload(second);
    assert.deepEqual(await scene.settled(), expected);
    for (const [url, states] of scene.seen) {
      const later = states.slice((known.get(url) ?? 1) - 1);
      const [start, end] = [later[0], later.at(-1)];
      const both = (start?.chunks.flat() ?? [])
        .map(({ key }) => key)
        .filter((key) => end?.get(key));
      const absent = both.filter((key) => later.some((one) => !one.get(key)));
      assert.deepEqual(absent, [], `absent from ${url}`);
    }
    for (const [path, { ino, text }] of await inodes(second)) {
      const was = before.get(path);
      if (
        was?.text === text &&
        first.watch &&
        isDeepStrictEqual(templateOf(first, path), templateOf(second, path))
      )
        assert.equal(ino, was.ino, `${path} was written`);
    }
  });
}

function templateOf({ watch }: Plan, path: string): TemplatePlan | undefined {
  return watch?.templates.find(({ target }) => target.path === path);
}
