import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { never } from "../../lib/base/signal.ts";
import { getJson } from "../../lib/control/client.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import { createNetwork, type Host } from "../faults/network.ts";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { atEnd, eventually, outputOf, start, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { sidekick, startSidekick } from "./sidekick.ts";

const limits = "timeout connect 200ms\n  timeout client 2s\n  timeout server 2s";
const defaults = `defaults\n  mode http\n  retries 1\n  option redispatch 1\n  ${limits}\n`;

/** A host with a haproxy that listens there at port 8080, and its watcher. `check` is the option of its servers. */
async function startEdge(t: TestContext, host: Host, folder: string, keyspace: string, check = "") {
  const home = join(folder, host.name);
  await mkdir(home);
  const servers = `{{#each (instances "web")}}  server {{server}} {{address}} weight {{weight}}${check}\n{{/each}}`;
  const text = `${defaults}frontend it\n  bind ${host.address}:8080\n  default_backend web\nbackend web\n  balance roundrobin\n`;
  const [config, master] = [join(home, "haproxy.cfg"), join(home, "master.sock")];
  await writeFile(config, text);
  await writeFile(join(home, "haproxy.cfg.hbs"), text + servers);
  start(t, host.on(["haproxy", "-W", "-S", master, "-f", config]));
  const proxy = { type: "haproxy", master };
  const settings = {
    keyspace,
    status: { socket: "./agent.sock" },
    watch: {
      ...{ snapshotCache: false, observe: { interval: "1s" } },
      templates: [{ source: "haproxy.cfg.hbs", target: "haproxy.cfg", proxy }],
    },
  };
  await writeFile(join(home, "sidekick.yaml"), JSON.stringify(settings));
  startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: home });
}

/** Requests all proxies all the time, as their clients do: four for each, with a pause after each answer. */
function keepAsking(t: TestContext, hosts: readonly Host[]): void {
  let isOver = false;
  const client = async ({ address }: Host) => {
    while (!isOver) {
      await fetchOnce(`http://${address}:8080/`, { timeout: 5000 }).catch(() => {});
      await delay(100);
    }
  };
  const clients = hosts.flatMap((host) => [1, 2, 3, 4].map(() => client(host)));
  // Before the network is removed: a connection to it would be one to anywhere then.
  atEnd(t, async () => {
    isOver = true;
    await Promise.all(clients);
  });
}

test("a firewall that keeps some proxies from an instance is named by the agent of the instance, and heeded if that is configured", async (t) => {
  const folder = await throwAwayFolder(t);
  const [network, etcd] = [await createNetwork(t), await startEtcd(t)];
  const edges = await Promise.all(["one", "two", "three", "four"].map(network.host));
  const [one, two, three] = edges;
  assert.ok(one && two && three);
  const app = () =>
    listen(
      t,
      createServer((_, response) => response.end("ok")),
      "0.0.0.0",
    );
  const [own, other] = [await app(), await app()];
  const address = `${network.address}:${own}`;
  const name = `web/${address}`;
  const block = (host: Host, how: "-A" | "-D") => {
    const rule = ["OUTPUT", "-p", "tcp", "-d", network.address, "--dport", String(own)];
    return outputOf(host.on(["iptables", "--wait", how, ...rule, "-j", "DROP"]));
  };

  await etcd.etcdctl("put", "/services/web/other", `${network.address}:${other}`);
  for (const edge of edges) {
    const check = edge === three ? " check inter 200ms fall 2" : "";
    await startEdge(t, edge, folder, etcd.url, check);
  }
  const check = { type: "tcp", host: "127.0.0.1", port: own, interval: "500ms" };
  const presence = {
    heed: { proxies: "50%", for: "1s", retry: "3s" },
    services: [{ name: "web", host: network.address, port: own, checks: [check] }],
  };
  const settings = { keyspace: etcd.url, status: { socket: "./agent.sock" }, presence };
  await writeFile(join(folder, "sidekick.yaml"), JSON.stringify(settings));
  const agent = startSidekick(t, ["presence", "-c", "sidekick.yaml"], { cwd: folder });
  const instance = async () => {
    const report = await getJson<StatusReport>(join(folder, "agent.sock"), "/status", never);
    const [found] = report.presence?.instances ?? [];
    return { ...found, reasons: report.reasons };
  };
  const statusOf = async ({ name: edge }: Host) => {
    const socket = join(folder, edge, "agent.sock");
    const { watch } = await getJson<StatusReport>(socket, "/status", never);
    return { state: watch?.templates[0]?.state, suspects: watch?.suspects };
  };
  keepAsking(t, edges);
  await eventually("it is registered and used", async () => {
    const { registered } = await instance();
    const states = await Promise.all(edges.map(async (edge) => (await statusOf(edge)).state));
    return registered && states.every((state) => state === "in sync");
  });

  const began = performance.now();
  await block(one, "-A");
  const alone = await eventually("one proxy reports it", async () => {
    const { proxies } = await instance();
    return proxies?.failing === 1 && proxies;
  });
  t.diagnostic(`reported ${Math.round(performance.now() - began)} ms after the rule was added`);
  assert.equal(alone.of, 4);
  assert.match(alone.why, /^1 of 4 proxies cannot connect to it \([^)]+\); they use /);
  assert.ok(alone.why.endsWith(`they use ${address}, its own check is tcp 127.0.0.1:${own}`));
  const text = await sidekick(t, ["status", "--socket", "agent.sock"], { cwd: folder });
  assert.match(text.output, /degraded: web\/\S+ is healthy, and 1 of 4 proxies cannot connect/);
  const explained = await sidekick(t, ["explain", name, "-c", "sidekick.yaml"], { cwd: folder });
  assert.match(explained.output, /^watcher .*its proxies cannot connect to it$/m);
  const fleet = await sidekick(t, ["fleet", etcd.url]);
  assert.match(fleet.output, /note: \/services\/web\/\S+: 1 of 4 proxies cannot connect to it/);
  const { suspects } = await statusOf(one);
  assert.deepEqual([suspects?.count, suspects?.first[0]?.suspicion], [1, "cannot connect"]);
  assert.match(agent.output(), /suspected/);

  const blocked = performance.now();
  await Promise.all([block(two, "-A"), block(three, "-A")]);
  const down = await eventually("it is heeded", async () => {
    const { verdict, why, registered } = await instance();
    return verdict === "down" && !registered && why;
  });
  t.diagnostic(`heeded ${Math.round(performance.now() - blocked)} ms after two further rules`);
  assert.match(down, /^heeding proxies: \d of 4 proxies /);
  assert.equal((await etcd.etcdctl("get", "--prefix", "/services/web/10.")).trim(), "");

  await Promise.all([one, two, three].map((host) => block(host, "-D")));
  await eventually("it is registered again", async () => {
    const { verdict, registered, proxies } = await instance();
    return verdict === "up" && registered && proxies === undefined;
  });
});
