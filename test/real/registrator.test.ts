import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import type { Batch } from "../../lib/model/entry.ts";
import { eventually } from "../support/process.ts";
import { image, startDockerEngine } from "./docker-engine.ts";
import { startEtcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";
import { startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";

test("sidekick registrator writes what registrator writes, to etcd and to ZooKeeper", async (t) => {
  const [engine, etcd, zookeeper] = await Promise.all([
    startDockerEngine(t),
    startEtcd(t),
    startZookeeper(t),
  ]);
  const { docker, publish } = engine;
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  const begin = (url: string) =>
    startSidekick(t, ["registrator", "-ip", "127.0.0.1", "-tags", "blue", url], { env });
  const agents = [begin(`${etcd.url}/services`), begin(`zookeeper://${zookeeper.endpoint}/base`)];
  const keyspaces = [await opening(t, { url: etcd.url }), await opening(t, { url: zookeeper.url })];

  const labels = ["-l", "SERVICE_NAME=db", "-l", "SERVICE_REGION=us2"];
  await docker(
    "run",
    "-d",
    "--name",
    "db.0",
    "-h",
    "c0ffee",
    "--network=tests",
    "-p",
    publish,
    ...labels,
    image,
  );
  const [port = ""] = /\d+$/.exec(await docker("port", "db.0")) ?? [];
  const [, exposed] = /(\d+)$/.exec(publish) ?? [];
  const expected = [
    { [`/services/db/${hostname()}:db.0:${exposed}`]: `127.0.0.1:${port}` },
    {
      [`/base/db/127.0.0.1:${port}`]: `{"Name":"db","IP":"127.0.0.1","PublicPort":${port},"PrivatePort":${exposed},"ContainerID":"c0ffee","Tags":["blue"],"Attrs":{"region":"us2"}}`,
    },
  ];
  const found = () =>
    Promise.all(
      keyspaces.map((keyspace) => entriesOf(keyspace.watch(["/services", "/base"], t.signal))),
    );
  const becomes = async (wanted: readonly object[], what: string) => {
    await eventually(
      what,
      async () => JSON.stringify(await found()) === JSON.stringify(wanted),
    ).catch(async () => assert.deepEqual(await found(), wanted));
  };
  await becomes(expected, "it is registered");
  await docker("kill", "db.0");
  await becomes([{}, {}], "it is deregistered");
  for (const agent of agents) await agent.stop("SIGTERM");
});

/** The values by key. */
async function entriesOf(batches: AsyncIterable<Batch>): Promise<Record<string, string>> {
  for await (const batch of batches) {
    if (batch.kind !== "reset") continue;
    const entries = [...batch.entries.values()].filter(({ value }) => value !== "");
    return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
  }
  throw new Error("the watch has ended");
}
