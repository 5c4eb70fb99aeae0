import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { race } from "../../lib/base/signal.ts";
import { waitForAcks } from "../../lib/keyspace/acks/wait.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import { watchersFolder } from "../../lib/model/watcher-entry.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";
import { events, startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";

const { signal: never } = new AbortController();
const key = "/services/web/10.0.0.1:80";
const at = (weight: number) => JSON.stringify({ host: "10.0.0.1", port: 80, weight });

/** Watchers of a keyspace, each of which writes a file with the weights of all instances. */
async function watching(t: TestContext, url: string, more = "") {
  const folder = await throwAwayFolder(t);
  await writeFile(
    join(folder, "list.hbs"),
    "{{#each services}}{{#each instances}}{{address}}={{weight}} {{/each}}{{/each}}",
  );
  return async (name: string) => {
    const config = `${name}.yaml`;
    await writeFile(
      join(folder, config),
      `keyspace: ${url}\nwatch: { ${more} snapshotCache: false, templates: [{ source: list.hbs, target: ${name} }] }\n`,
    );
    const running = startSidekick(t, ["watch", "-c", config], { cwd: folder });
    const says = async (words: string) =>
      (await readFile(join(folder, name), "utf8")).includes(words);
    return { running, says };
  };
}

/** The revision at which a keyspace shows a value. */
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
  test(`${name}: whoever leaves is told by every watcher that nothing is sent there any more`, async (t) => {
    const url = await start(t);
    const begin = await watching(t, url);
    const keyspace = await opening(t, url);
    const session = await keyspace.open(30_000, never);
    t.after(() => session.close());
    await session.put(key, at(10), never);
    const [one, two] = [await begin("one"), await begin("two")];
    for (const { says } of [one, two]) await eventually("it is served", () => says("=10"));

    await session.put(key, at(0), never);
    const leaving = new Map([[key, await revisionOf(keyspace, at(0))]]);
    const wait = (limitMs: number) =>
      waitForAcks(keyspace, leaving, limitMs, { clock: systemClock, random: Math.random }, never);
    assert.deepEqual(await wait(10_000), { acknowledged: [key], missing: [] });
    for (const { says } of [one, two]) assert.ok(await says("=0"));

    // One that hangs has not said so of what comes next.
    process.kill(two.running.pid, "SIGSTOP");
    await session.put(key, at(10), never);
    await eventually("it is back", () => one.says("=10"));
    await session.put(key, at(0), never);
    leaving.set(key, await revisionOf(keyspace, at(0)));
    const { acknowledged, missing } = await wait(1500);
    assert.deepEqual([acknowledged, missing.length, missing[0]?.key], [[], 1, key]);
    assert.match(missing[0]?.watcher ?? "", new RegExp(`\\.${two.running.pid}\\.`));
  });
}

test("as long as nobody leaves, the entry of a watcher is written once; with its process it goes", async (t) => {
  const etcd = await startEtcd(t);
  const one = await (await watching(t, etcd.url))("one");
  const read = async () =>
    JSON.parse(await etcd.etcdctl("get", "--prefix", watchersFolder, "-w=json"));
  await eventually("it is known", async () => (await read()).kvs?.length === 1);
  for (let weight = 1; weight <= 20; weight += 1) await etcd.etcdctl("put", key, at(weight));
  await eventually("all is served", () => one.says("=20"));
  const [entry] = (await read()).kvs;
  assert.equal(entry.version, 1);
  assert.equal(
    Buffer.from(entry.value, "base64").toString(),
    '{"prefixes":["/services"],"drained":{}}',
  );
  assert.equal(await one.running.stop(), 0);
  assert.equal((await read()).kvs, undefined);
});

test("a watcher that may only read goes on, and says so once; one that shall not, does not try", async (t) => {
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
  await asRoot("put", key, at(1));
  const url = etcd.url.replace("//", "//reader:secret@");
  const one = await (await watching(t, url))("one");
  await eventually("it is told", () =>
    events(one.running).some(({ event }) => event === "watcher_entry_denied"),
  );
  await asRoot("put", key, at(7));
  await eventually("it goes on", () => one.says("=7"));
  const quiet = await (await watching(t, url, "acknowledge: false,"))("quiet");
  await eventually("it works", () => quiet.says("=7"));
  await asRoot("put", key, at(8));
  await eventually("it goes on too", () => quiet.says("=8"));
  const faults = ["acknowledging_denied", "fault"];
  const said = events(quiet.running).filter(({ event }) => faults.includes(String(event)));
  assert.deepEqual(said, []);
});
