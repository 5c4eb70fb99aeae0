import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Etcd3 } from "etcd3";
import { createWatch } from "../../agents/watch/agent.ts";
import { openGroups } from "../../agents/watch/groups.ts";
import { systemClock as clock } from "../../lib/base/clock.ts";
import { untilAborted } from "../../lib/base/signal.ts";
import type { TemplatePlan, WatchPlan } from "../../lib/config/plan.ts";
import { openMounts } from "../../lib/keyspace/mounts/open.ts";
import { keyspaceSchema } from "../../lib/keyspace/schema.ts";
import type { TextSource } from "../../lib/render/text-source.ts";
import { unlimited } from "../../lib/view/limits.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { RecordingLog } from "../support/recording-log.ts";
import { startEtcd } from "./etcd.ts";

const count = 300;
const nameOf = (i: number) => `svc-${String(i).padStart(3, "0")}`;
const limitMs = 120_000;

test("of three hundred templates, a change renders and writes the one that shows it, and all of them acknowledge a drain", async (t) => {
  const folder = await throwAwayFolder(t);
  const { url, endpoint } = await startEtcd(t);
  const etcd = new Etcd3({ hosts: `http://${endpoint}` });
  t.after(() => etcd.close());
  const put = async (service: string, weight: number) => {
    const key = `/services/${service}/10.0.0.1:80`;
    await etcd.put(key).value(JSON.stringify({ host: "10.0.0.1", port: 80, weight }));
    return key;
  };
  for (let i = 0; i < count; i += 1) await put(nameOf(i), 1);

  const templates: TemplatePlan[] = [];
  for (let i = 0; i < count; i += 1) {
    const [source, path] = [join(folder, `${nameOf(i)}.hbs`), join(folder, `${nameOf(i)}.conf`)];
    await writeFile(
      source,
      `{{#each (instances "${nameOf(i)}")}}{{address}}*{{weight}}{{/each}}\n`,
    );
    templates.push({ name: nameOf(i), source, prefixes: [""], format: "plain", target: { path } });
  }
  const [random, log] = [() => 0.5, new RecordingLog()];
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const plan: WatchPlan = {
    services: "/services",
    settle: { quietMs: 50, atMostMs: 1000 },
    retry: { firstMs: 1000, maxMs: 60_000 },
    limits: unlimited,
    guard: { all: { maxLoss: 0.5, min: 0, retainMs: 10_000, keepEmpty: false }, services: {} },
    ...{ resolve: true, acknowledge: true, drift: "report" as const, templates },
  };
  let renderings: string[] = [];
  const counting = (source: TextSource): TextSource =>
    new Proxy(source, {
      get: (target, member) => {
        const value = Reflect.get(target, member, target);
        if (member === "render") renderings.push(target.name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const deps = { clock, random, resolver, env: {}, shipped: folder, log };
  const groups = (await openGroups(plan, deps)).map((group) => ({
    ...group,
    files: group.files.map(({ plan, source }) => ({ plan, source: counting(source) })),
  }));
  const mounts = await openMounts({ keyspace: keyspaceSchema.parse(url) }, deps);
  const settings = { cachePath: false as const, id: "watcher.1" };
  const watch = await createWatch(plan, groups, settings, { ...deps, mounts });
  const stopping = new AbortController();
  const running = untilAborted(stopping.signal, watch.run(stopping.signal));
  t.after(async () => {
    stopping.abort(new Error("the test ends"));
    await running;
    await mounts[Symbol.asyncDispose]();
  });
  const states = () => watch.status().watch?.templates.map(({ observed }) => observed.state) ?? [];
  const textOf = (name: string) => readFile(join(folder, `${name}.conf`), "utf8");
  const acknowledged = async () =>
    JSON.stringify(await etcd.getAll().prefix("/sidekick/watchers/"));
  await eventually("all are in sync", () => states().every((one) => one === "in sync"), limitMs);
  assert.equal((await readdir(folder)).filter((one) => one.endsWith(".conf")).length, count);

  const logged = (event: string) => log.events.filter((one) => one === event).length;
  const written = () => logged("file_written");
  const [before, applied] = [written(), logged("applied")];
  renderings = [];
  await put(nameOf(7), 5);
  await eventually(
    "the file is written",
    async () => (await textOf(nameOf(7))) === "10.0.0.1:80*5\n",
  );
  // A change that arrives before this one is verified renders its template once more.
  await eventually("it is verified", () => logged("applied") > applied);
  const drained = await put(nameOf(8), 0);
  await eventually(
    "the drain is acknowledged",
    async () => (await acknowledged()).includes(drained),
    limitMs,
  );
  assert.equal(await textOf(nameOf(8)), "10.0.0.1:80*0\n");
  assert.deepEqual(renderings, [`${nameOf(7)}.conf`, `${nameOf(8)}.conf`]);
  assert.equal(written() - before, 2);
  const revisions = new Set(watch.status().watch?.templates.map(({ revision }) => revision));
  assert.equal(revisions.size, 1, "all files are in sync with the same revision");
});
