import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { never, race } from "../../lib/base/signal.ts";
import { waitForAcks } from "../../lib/keyspace/acks/wait.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import { watchersFolder } from "../../lib/model/watcher-entry.ts";
import { events } from "../support/log-events.ts";
import { eventually, freeze, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";
import { startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";

const key = "/services/web/10.0.0.1:80";
const withWeight = (weight: number) => JSON.stringify({ host: "10.0.0.1", port: 80, weight });

/** Starts watchers of a keyspace by name. Each of them writes a file with the weights of all instances. */
async function watcherOf(t: TestContext, url: string, settings = "") {
  const folder = await throwAwayFolder(t);
  await writeFile(
    join(folder, "list.hbs"),
    "{{#each services}}{{#each instances}}{{address}}={{weight}} {{/each}}{{/each}}",
  );
  return async (name: string) => {
    const config = `${name}.yaml`;
    await writeFile(
      join(folder, config),
      `keyspace: ${url}\nwatch: { ${settings} snapshotCache: false, templates: [{ source: list.hbs, target: ${name} }] }\n`,
    );
    const running = startSidekick(t, ["watch", "-c", config], { cwd: folder });
    const shows = async (text: string) =>
      (await readFile(join(folder, name), "utf8")).includes(text);
    return { running, shows };
  };
}

/** The revision at which the keyspace has the value. */
async function revisionOf(keyspace: KeySource, value: string): Promise<string> {
  return await race(never, async (s) => {
    for await (const batch of keyspace.watch(["/services"], s)) {
      const entry = (batch.kind === "reset" ? batch.entries : batch.put).get(key);
      if (entry?.value === value) return entry.revision;
    }
    throw new Error("the watch ended");
  });
}

const stores = {
  etcd: async (t: TestContext) => (await startEtcd(t)).url,
  zookeeper: async (t: TestContext) => (await startZookeeper(t)).url,
  file: async (t: TestContext) => `file:${join(await throwAwayFolder(t), "keys")}`,
};

for (const [name, start] of Object.entries(stores)) {
  test(`${name}: every watcher acknowledges that a draining instance receives no new requests`, async (t) => {
    const url = await start(t);
    const startWatcher = await watcherOf(t, url);
    const keyspace = await opening(t, url);
    const session = await keyspace.open(30_000, never);
    t.after(() => session.close());
    await session.put(key, withWeight(10), never);
    const [one, two] = [await startWatcher("one"), await startWatcher("two")];
    for (const { shows } of [one, two]) await eventually("it is in the file", () => shows("=10"));

    await session.put(key, withWeight(0), never);
    const draining = new Map([[key, await revisionOf(keyspace, withWeight(0))]]);
    const wait = (limitMs: number) =>
      waitForAcks(keyspace, draining, limitMs, { clock: systemClock, random: Math.random }, never);
    assert.deepEqual(await wait(10_000), { acknowledged: [key], missing: [], ignored: [] });
    for (const { shows } of [one, two]) assert.ok(await shows("=0"));

    // A frozen watcher does not acknowledge the next drain.
    await freeze(two.running.pid);
    await session.put(key, withWeight(10), never);
    await eventually("it is no longer draining", () => one.shows("=10"));
    await session.put(key, withWeight(0), never);
    draining.set(key, await revisionOf(keyspace, withWeight(0)));
    const { acknowledged, missing } = await wait(1500);
    assert.deepEqual([acknowledged, missing.length, missing[0]?.key], [[], 1, key]);
    assert.match(missing[0]?.watcher ?? "", new RegExp(`\\.${two.running.pid}\\.`));
  });
}

test("while no instance drains, the entry of a watcher is written once in 5 seconds; it is removed with its process", async (t) => {
  const etcd = await startEtcd(t);
  const startedMs = performance.now();
  const one = await (await watcherOf(t, etcd.url))("one");
  const read = async () =>
    JSON.parse(await etcd.etcdctl("get", "--prefix", watchersFolder, "-w=json"));
  await eventually("the watcher has an entry", async () => (await read()).kvs?.length === 1);
  for (let weight = 1; weight <= 20; weight += 1)
    await etcd.etcdctl("put", key, withWeight(weight));
  await eventually("the last change is in the file", () => one.shows("=20"));
  const [{ version, value }] = (await read()).kvs;
  // The first write, and then one for each 5 seconds that have begun.
  assert.ok(version <= 2 + (performance.now() - startedMs) / 5000, `${version} writes`);
  const entry = JSON.parse(Buffer.from(value, "base64").toString());
  assert.deepEqual([entry.prefixes, entry.drained], [["/services"], {}]);
  assert.equal(await one.running.stop(), 0);
  assert.equal((await read()).kvs, undefined);
});

test("a watcher without write permission logs that once and continues; without acknowledge it does not try", async (t) => {
  const etcd = await startEtcd(t);
  for (const command of [
    "user add root:secret",
    "user grant-role root root",
    "role add reader",
    "role grant-permission reader read --prefix=true /services/",
    "user add reader:secret",
    "user grant-role reader reader",
    "auth enable",
  ]) {
    await etcd.etcdctl(...command.split(" "));
  }
  const asRoot = (...args: string[]) => etcd.etcdctl("--user=root:secret", ...args);
  await asRoot("put", key, withWeight(1));
  const url = etcd.url.replace("//", "//reader:secret@");
  const one = await (await watcherOf(t, url))("one");
  const denied = () => events(one.running).filter(({ event }) => event === "watcher_entry_denied");
  await eventually("the denied entry is logged", () => denied().length > 0);
  await asRoot("put", key, withWeight(7));
  await eventually("the watcher continues", () => one.shows("=7"));
  assert.equal(denied().length, 1);
  const quiet = await (await watcherOf(t, url, "acknowledge: false,"))("quiet");
  await eventually("the other watcher has started", () => quiet.shows("=7"));
  await asRoot("put", key, withWeight(8));
  await eventually("the other watcher continues", () => quiet.shows("=8"));
  const faults = ["watcher_entry_denied", "fault"];
  assert.deepEqual(
    events(quiet.running).filter(({ event }) => faults.includes(event)),
    [],
  );
});
