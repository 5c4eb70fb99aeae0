import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { never } from "../../lib/base/signal.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import { watchersFolder } from "../../lib/model/watcher-entry.ts";
import { events } from "../support/log-events.ts";
import { eventually, freeze, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";
import { startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";
import { overwrite } from "./zookeeper-sessions.ts";

/** A store, and a client that writes without a session. */
interface Store {
  readonly url: string;
  write(key: string, value: string): Promise<void>;
}

const stores: Record<string, (t: TestContext) => Promise<Store>> = {
  etcd: async (t) => {
    const { url, etcdctl } = await startEtcd(t);
    return { url, write: async (key, value) => void (await etcdctl("put", key, value)) };
  },
  zookeeper: async (t) => {
    const zookeeper = await startZookeeper(t);
    return {
      url: zookeeper.url,
      // The owner of a node that exists does not change.
      write: (key, value) => overwrite(zookeeper, key, value),
    };
  },
  file: async (t) => {
    const folder = join(await throwAwayFolder(t), "keys");
    return {
      url: `file:${folder}`,
      write: async (key, value) => {
        const path = join(folder, key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, value);
      },
    };
  },
};

const key = "/services/web/10.0.0.1:80";
const acknowledging = JSON.stringify({
  prefixes: ["/services"],
  drained: { [key]: "9".repeat(15) },
});

/** A presence agent with one instance, and a watcher that writes its weight into a file. */
async function scene(t: TestContext, url: string) {
  const folder = await throwAwayFolder(t);
  const socket = join(folder, "control.sock");
  const presence = `{ drainDelay: 100ms, services: [{ name: web, host: 10.0.0.1, port: 80 }] }`;
  await writeFile(join(folder, "list.hbs"), "{{#each (instances 'web')}}{{weight}}{{/each}}");
  await writeFile(
    join(folder, "presence.yaml"),
    `keyspace: ${url}\nstatus: { socket: ${socket} }\npresence: ${presence}\n`,
  );
  await writeFile(
    join(folder, "watch.yaml"),
    `keyspace: ${url}\nwatch: { snapshotCache: false, templates: [{ source: list.hbs, target: list }] }\n`,
  );
  const run = (...args: string[]) => startSidekick(t, args, { cwd: folder });
  const agent = run("presence", "-c", "presence.yaml");
  const watcher = run("watch", "-c", "watch.yaml");
  const weight = () => readFile(join(folder, "list"), "utf8").catch(() => "");
  await eventually("the instance is in the file", async () => (await weight()) === "1");
  return {
    agent,
    watcher,
    weight,
    drain: () => run("drain", "--socket", socket, "--all", "--wait"),
  };
}

for (const [name, start] of Object.entries(stores)) {
  test(`${name}: an entry below ${watchersFolder} that no session keeps holds up no drain`, async (t) => {
    const { url, write } = await start(t);
    const { agent, drain } = await scene(t, url);
    const forged = { waits: '{"prefixes":["/services"],"drained":{}}', agrees: acknowledging };
    for (const [id, value] of Object.entries(forged)) await write(`${watchersFolder}/${id}`, value);
    const draining = drain();
    assert.equal(await draining.ended, 0, draining.output());
    const ignored = events(agent).filter(({ event }) => event === "watcher_entry_ignored");
    assert.deepEqual(
      ignored.map((one) => one.key),
      ["agrees", "waits"].map((id) => `${watchersFolder}/${id}`),
    );
  });

  test(`${name}: the overwritten entry of a frozen watcher does not acknowledge`, async (t) => {
    const { url, write } = await start(t);
    const { watcher, weight, drain } = await scene(t, url);
    const keyspace = await opening(t, url);
    const read = async () => await readSnapshot(keyspace, ["/services", watchersFolder], never);
    const entryOf = async () => (await read()).below(watchersFolder).next().value?.[0];
    const entry = await eventually("the watcher has an entry", entryOf);
    await freeze(watcher.pid);
    const draining = drain();
    const isMarked = async () => (await read()).get(key)?.value.includes('"weight":0');
    await eventually("the instance is draining", isMarked);
    // The agent reads the entry of the watcher now, and then the forged one.
    await sleep(1000);
    await write(entry.key, acknowledging);
    await sleep(1000);
    const waiting = `waiting for ${entry.key.slice(watchersFolder.length + 1)}\n`;
    await eventually("it waits for the watcher", () => draining.output() !== "");
    assert.deepEqual([await weight(), draining.output()], ["1", waiting]);
    process.kill(watcher.pid, "SIGCONT");
    assert.equal(await draining.ended, 0, draining.output());
    assert.notEqual(await weight(), "1");
    const restored = await eventually("the entry is restored", async () => {
      const found = await entryOf();
      return found?.owner === undefined ? undefined : found;
    });
    assert.ok(!restored.value.includes("999"));
  });
}
