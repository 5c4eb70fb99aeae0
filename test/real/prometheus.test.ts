import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { impatientRules, startPrometheus } from "./prometheus.ts";
import { sidekick, startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";

const shipped = join(root, "deploy/prometheus");

function promtool(args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
  return stdout + stderr;
}

test("the shipped rules and the shipped scrape configuration are valid, and alerts fire as they should", () => {
  promtool(["check", "config", join(shipped, "scrape.yml")]);
  promtool(["check", "rules", join(shipped, "rules.yml")]);
  promtool(["test", "rules", join(shipped, "rules.test.yml")]);
});

interface Alerts {
  readonly alerts: readonly {
    readonly state: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

test("a Prometheus that scrapes an agent has a result for each panel, and fires an alert when haproxy ends", async (t) => {
  const etcd = await startEtcd(t);
  const folder = await throwAwayFolder(t);
  const app = await listen(
    t,
    createServer((socket) => socket.end()),
  );
  const [port, front] = [await freePort(), await freePort()];
  const config = join(folder, "haproxy.cfg");
  await writeFile(
    join(folder, "haproxy.cfg.hbs"),
    `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
listen web
  bind 127.0.0.1:${front}
{{#each (instances "web")}}
  server {{server}} {{address}} weight {{weight}}
{{/each}}
`,
  );
  const master = join(folder, "master.sock");
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${etcd.url}
presence:
  waitServed: true
  stamp: true
  services:
    - { name: web, host: 127.0.0.1, port: ${app}, checks: [{ type: tcp, interval: 100ms }] }
watch:
  templates:
    - source: haproxy.cfg.hbs
      target: haproxy.cfg
      proxy: { type: haproxy, master: ${master} }
    - { source: ${join(root, "templates/prometheus-targets.json.hbs")}, target: targets.json, format: json }
status: { listen: "127.0.0.1:${port}" }
`,
  );
  startSidekick(t, ["run", "-c", "sidekick.yaml"], { cwd: folder });
  await eventually("the file for the start of haproxy is written", async () => {
    const text = await readFile(config, "utf8").catch(() => "");
    return text.includes(`127.0.0.1:${app}`);
  });
  const haproxy = await startHaproxy(t, { config });
  const metrics = async () => (await fetchOnce(`http://127.0.0.1:${port}/metrics`)).body;
  const inSync = `sidekick_target_in_sync{target="${config}"}`;
  await eventually("the file is in sync", async () => (await metrics()).includes(`${inSync} 1`));

  // What was registered before the first list shows no time that a change takes.
  const weighed = await sidekick(
    t,
    ["weight", `web/127.0.0.1:${app}`, "7", "-c", "sidekick.yaml"],
    { cwd: folder },
  );
  assert.equal(weighed.code, 0, weighed.output);
  const stamped = `sidekick_convergence_seconds_count{kind="change"}`;
  await eventually("the change is measured", async () => (await metrics()).includes(stamped));
  promtool(["check", "metrics"], `${await metrics()}\n`);
  const prometheus = await startPrometheus(t, {
    config: `global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
rule_files: [rules.yml]
scrape_configs:
  - job_name: sidekick
    static_configs: [{ targets: ["127.0.0.1:${port}"] }]
  - job_name: services
    file_sd_configs: [{ files: [${join(folder, "targets.json")}] }]
`,
    rules: await impatientRules(join(shipped, "rules.yml")),
  });
  const dashboard = JSON.parse(
    await readFile(join(shipped, "dashboard.json"), "utf8"),
  ) as Dashboard;
  for (const { title, targets } of dashboard.panels)
    for (const { expr } of targets)
      await eventually(`${title} has a result: ${expr}`, async () => {
        return (await prometheus.query(expr.replace("$job", ".*"))).length > 0;
      });
  const targets = await eventually("the services are discovered", async () => {
    const { activeTargets } = await prometheus.api<{
      readonly activeTargets: readonly { readonly labels: Readonly<Record<string, string>> }[];
    }>("/targets");
    const services = activeTargets.filter(({ labels }) => labels.job === "services");
    return services.length > 0 && services;
  });
  assert.deepEqual(
    targets.map(({ labels }) => [labels.service, labels.instance]),
    [["web", `127.0.0.1:${app}`]],
  );
  const firing = async () =>
    (await prometheus.api<Alerts>("/alerts")).alerts
      .filter(({ state }) => state === "firing")
      .map(({ labels }) => `${labels.alertname} ${labels.target ?? ""}`.trim());
  assert.deepEqual(await firing(), []);

  await haproxy.process.stop("SIGKILL");
  await eventually("the alert fires", async () => {
    return (await firing()).includes(`SidekickFileNotInSync ${config}`);
  });
  await etcd.kill();
  await eventually("metrics are answered while the keyspace is unreachable", async () =>
    (await metrics()).includes('sidekick_keyspace_up{folder="/"} 0'),
  );
});

test("Prometheus finds the instances in ZooKeeper by its own discovery of Nerve's entries", async (t) => {
  const zookeeper = await startZookeeper(t);
  const folder = await throwAwayFolder(t);
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${zookeeper.url}
presence:
  services: [{ name: web, host: 127.0.0.1, port: 8810, labels: { zone: a } }]
`,
  );
  startSidekick(t, ["presence", "-c", "sidekick.yaml"], { cwd: folder });
  const prometheus = await startPrometheus(t, {
    config: `scrape_configs:
  - job_name: nerve
    nerve_sd_configs: [{ servers: ["${zookeeper.endpoint}"], paths: [/services] }]
`,
  });
  await eventually("Prometheus has the instance", async () => {
    const { activeTargets } = await prometheus.api<{
      readonly activeTargets: readonly {
        readonly discoveredLabels: Readonly<Record<string, string>>;
      }[];
    }>("/targets");
    return activeTargets.some(
      ({ discoveredLabels }) => discoveredLabels.__address__ === "127.0.0.1:8810",
    );
  });
});
