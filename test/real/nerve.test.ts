import assert from "node:assert/strict";
import { stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { type Connection, connect } from "../../lib/keyspace/zookeeper/connection.ts";
import { ifNoNode } from "../../lib/keyspace/zookeeper/errors.ts";
import type { Batch } from "../../lib/model/entry.ts";
import { listen } from "../support/listen.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";
import { startApp, startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";

const folders = ["/nerve/web", "/nerve/mail", "/nerve/static", "/nerve/named", "/second/nerve/web"];

/** The nodes in the folders of the services, with their data. */
async function nodesIn(hand: Connection): Promise<Readonly<Record<string, string>>> {
  const nodes: Record<string, string> = {};
  for (const folder of folders) {
    for (const name of (await hand.children(folder).catch(ifNoNode)) ?? []) {
      const node = await hand.read(`${folder}/${name}`).catch(ifNoNode);
      if (node) nodes[`${folder}/${name}`] = node.value;
    }
  }
  return nodes;
}

async function connected(t: TestContext, endpoint: string): Promise<Connection> {
  const [host = "", port] = endpoint.split(":");
  const options = { host, port: Number(port), sessionMs: 60_000, limitMs: 60_000 };
  const hand = await connect(options, systemClock, t.signal);
  t.after(() => hand.closeNow());
  return hand;
}

test("sidekick nerve registers what Nerve registers, byte for byte, and follows the checks", async (t) => {
  const zookeeper = await startZookeeper(t);
  const folder = await throwAwayFolder(t);
  const [app, port] = [
    await startApp(t, "web"),
    await listen(
      t,
      createServer(() => {}),
    ),
  ];
  const config = join(folder, "nerve.conf.json");
  const heartbeat = join(folder, "heartbeat");
  const hosts = { zk_hosts: [zookeeper.endpoint] };
  const other = { host: "127.0.0.1", port, checks: [{ type: "tcp", timeout: 2 }], ...hosts };
  const services = {
    web: {
      ...{ host: "127.0.0.1", port: app.port, ...hosts, zk_path: "/nerve/web" },
      ...{ weight: "7", haproxy_server_options: "backup", labels: { rack: 7 } },
      checks: [{ type: "http", uri: "/", timeout: 2, fall: 1 }],
    },
    mail: { ...other, zk_path: "/nerve/mail", use_path_encoding: true },
    static: { ...other, port: String(port), zk_path: "/nerve/static", node_type: "persistent" },
    named: { ...other, zk_path: "/nerve/named", node_type: "ephemeral" },
    "web-2": { ...other, zk_hosts: [`${zookeeper.endpoint}/second`], zk_path: "/nerve/web" },
  };
  await writeFile(
    config,
    JSON.stringify({ instance_id: "i-1", heartbeat_path: heartbeat, services }),
  );
  const hand = await connected(t, zookeeper.endpoint);
  await hand.createFolder("/second");
  const agent = startSidekick(t, ["nerve", "-c", config]);

  const value = `{"host":"127.0.0.1","port":${port},"name":"i-1"}`;
  const encoded = Buffer.from(value).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  const steady = {
    [`/nerve/mail/base64_${encoded.length}_${encoded}_0000000000`]: value,
    "/nerve/static/i-1_": `{"host":"127.0.0.1","port":"${port}","name":"i-1"}`,
    "/nerve/named/i-1_": value,
    "/second/nerve/web/i-1_0000000000": value,
  };
  const ofWeb = `{"host":"127.0.0.1","port":${app.port},"name":"i-1","weight":7,"haproxy_server_options":"backup","labels":{"rack":7}}`;
  const becomes = async (expected: object, what: string) => {
    const text = (nodes: object) => JSON.stringify(Object.entries(nodes).sort());
    let last = "";
    await eventually(what, async () => {
      last = text(await nodesIn(hand));
      return last === text(expected);
    }).catch(() => assert.equal(last, text(expected), what));
  };
  await becomes({ ...steady, "/nerve/web/i-1_0000000000": ofWeb }, "all are registered");
  assert.equal((await hand.read("/nerve/static/i-1_")).owner, undefined);
  assert.notEqual((await hand.read("/nerve/named/i-1_")).owner, undefined);
  assert.ok((await stat(heartbeat)).isFile());

  await app.kill();
  await becomes(steady, "a killed service has no node");
  app.restart();
  await becomes({ ...steady, "/nerve/web/i-1_0000000001": ofWeb }, "it is registered again");
  await agent.stop("SIGTERM");
  await becomes({}, "no node is left");
});

test("sidekick nerve writes to etcd as Nerve did: numbers of 20 digits below its name", async (t) => {
  const etcd = await startEtcd(t);
  const folder = await throwAwayFolder(t);
  const config = join(folder, "nerve.yaml");
  const port = await listen(
    t,
    createServer(() => {}),
  );
  const [, host, etcdPort] = /(127\.0\.0\.1):(\d+)/.exec(etcd.url) ?? [];
  await writeFile(
    config,
    [
      "instance_id: i-1",
      "services:",
      `  web: &web {host: 127.0.0.1, port: ${port}, reporter_type: etcd, etcd_host: ${host}, etcd_port: ${etcdPort}, etcd_path: /web, checks: [{type: tcp, timeout: 2}]}`,
      "  web2: {<<: *web, weight: 3}",
    ].join("\n"),
  );
  const agent = startSidekick(t, ["nerve", "--config", config]);
  const keyspace = await opening(t, { url: etcd.url });
  const value = `{"host":"127.0.0.1","port":${port},"name":"i-1"}`;
  const entries = async () => {
    const { entries: all } = await firstReset(keyspace.watch(["/web"], t.signal));
    return [...all.values()].map((entry) => {
      const key = entry.key.replace(/\d+$/, (number) => `${number.length} digits`);
      return `${key} ${entry.value}`;
    });
  };
  const expected = [value, `${value.slice(0, -1)},"weight":3}`].map(
    (one) => `/web/i-1/20 digits ${one}`,
  );
  await eventually(
    "both are registered",
    async () => String((await entries()).sort()) === String(expected.sort()),
  );
  await agent.stop("SIGTERM");
  await eventually("no entry is left", async () => (await entries()).length === 0);
});

test("a persistent entry of etcd has no lease, and is removed with its session", async (t) => {
  const etcd = await startEtcd(t);
  const keyspace = await opening(t, { url: etcd.url });
  const session = await keyspace.open(60_000, t.signal);
  const entries = async () => (await firstReset(keyspace.watch(["/web"], t.signal))).entries;
  const [named, numbered] = [
    { isPersistent: true, name: "x" },
    { isPersistent: true, isNumbered: true },
  ];
  assert.equal(await session.put("/web/a", "1", t.signal, { form: named }), "/web/x");
  assert.equal((await entries()).get("/web/x")?.owner, undefined);
  const key = await session.put("/web/b", "1", t.signal, { form: numbered });
  assert.match(key, /^\/web\/b\/\d{20}$/);
  assert.equal(await session.put("/web/b", "2", t.signal, { form: numbered }), key);
  assert.equal((await entries()).get(key)?.value, "2");
  await session.remove("/web/a", t.signal);
  assert.deepEqual([...(await entries()).keys()], [key]);
  const other = await keyspace.open(60_000, t.signal);
  assert.equal(
    await other.put("/web/b", "2", t.signal, { form: numbered }),
    key,
    "it is found again",
  );
  await other.close();
  assert.equal((await entries()).size, 0);
  await session.close();
});

async function firstReset(batches: AsyncIterable<Batch>) {
  for await (const batch of batches) if (batch.kind === "reset") return batch;
  throw new Error("the watch has ended");
}
