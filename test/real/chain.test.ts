import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort, stretched, throwAwayFolder } from "../support/process.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";
import { type App, startApp, startSidekick } from "./sidekick.ts";

/** A proxy in the chain: its settings in the watcher, and how an operator starts it. */
interface Proxied {
  readonly source: string;
  readonly env: Record<string, string>;
  /** The template's `check` and `proxy`. */
  readonly settings: string;
  /** How a killed application is noticed: by so many failed checks, or by the tripwire. */
  readonly noticing: string;
  start(t: TestContext, config: string): Promise<unknown>;
}

const proxies: Readonly<Record<string, (folder: string, port: number) => Proxied>> = {
  haproxy: (folder, port) => ({
    source: "haproxy.cfg.hbs",
    env: {
      PROXY_LISTEN: `127.0.0.1:${port}`,
      HAPROXY_SOCKET: join(folder, "admin.sock"),
      HAPROXY_MAXCONN: "200",
    },
    settings: [
      '      check: [haproxy, -c, -f, "{candidate}"]',
      `      proxy: { type: haproxy, master: ${join(folder, "master.sock")} }`,
    ].join("\n"),
    noticing: "fall: 2, tripwire: false",
    start: (t, config) => startHaproxy(t, { config }),
  }),
  nginx: (folder, port) => ({
    source: "nginx.conf.hbs",
    env: {
      PROXY_LISTEN: `127.0.0.1:${port}`,
      NGINX_PID: join(folder, "nginx.pid"),
      NGINX_ERROR_LOG: join(folder, "error.log"),
    },
    settings: [
      '      check: [nginx, -t, -q, -c, "{candidate}"]',
      `      proxy: { type: nginx, pidFile: ${join(folder, "nginx.pid")} }`,
    ].join("\n"),
    // Checks alone would take longer than the test may.
    noticing: "fall: 1000",
    start: (t, config) => startNginx(t, { config, pidFile: join(folder, "nginx.pid") }),
  }),
};

function presenceConfig(
  etcd: Etcd,
  ttlSeconds: number,
  noticing: string,
  apps: readonly App[],
): string {
  const service = ({ name, port }: App) => [
    `    - { name: web, host: 127.0.0.1, port: ${port}, instance: ${name}, checks: [`,
    `        { type: http, path: /healthz, interval: 200ms, timeout: 5s, rise: 1, ${noticing} }] }`,
  ];
  return [
    `keyspace: ${etcd.url}`,
    "presence:",
    `  ttl: ${ttlSeconds}s`,
    "  services:",
    ...apps.flatMap(service),
  ].join("\n");
}

for (const [kind, proxied] of Object.entries(proxies)) {
  test(`health check → etcd → file → ${kind}, also after an application or an agent was killed`, async (t) => {
    const [etcd, folder, port] = [await startEtcd(t), await throwAwayFolder(t), await freePort()];
    const proxy = proxied(folder, port);
    const apps = await Promise.all(["one", "two", "three"].map((name) => startApp(t, name)));
    const [, two] = apps as [App, App, App];
    const target = join(folder, "proxy.conf");
    const ttlSeconds = Math.ceil(stretched(2000) / 1000);
    const presenceYaml = presenceConfig(etcd, ttlSeconds, proxy.noticing, apps);
    await writeFile(join(folder, "presence.yaml"), presenceYaml);
    await writeFile(
      join(folder, "watch.yaml"),
      [
        `keyspace: ${etcd.url}`,
        "watch:",
        `  guard: { retain: ${stretched(6000)}ms }`,
        "  templates:",
        `    - source: ${proxy.source}`,
        `      target: ${target}`,
        proxy.settings,
      ].join("\n"),
    );
    const keys = () => etcd.etcdctl("get", "--prefix", "/services/", "--keys-only");
    const file = () => readFile(target, "utf8");
    /** The applications that answer a series of requests, or the status of an error. */
    const answering = async (count: number) => {
      const names = new Set<string>();
      for (let i = 0; i < count; i += 1) {
        const { status, body } = await fetchOnce(`http://127.0.0.1:${port}/`);
        names.add(status === 200 ? body : String(status));
      }
      return [...names].sort().join(" ");
    };

    const watching = startSidekick(t, ["watch", "-c", "watch.yaml"], {
      cwd: folder,
      env: proxy.env,
    });
    const presence = startSidekick(t, ["presence", "-c", "presence.yaml"], { cwd: folder });
    for (const app of apps) {
      await eventually(`${app.name} is in the file`, async () =>
        (await file()).includes(`127.0.0.1:${app.port}`),
      );
    }
    await proxy.start(t, target);
    await eventually(
      "traffic reaches all three",
      async () => (await answering(9)) === "one three two",
    );

    const listed = (await etcd.etcdctl("get", "--prefix", "/services/")).trim().split("\n");
    t.diagnostic(`etcdctl get --prefix /services/\n${listed.join("\n")}`);
    const expected = apps
      .toSorted((a, b) => (String(a.port) < String(b.port) ? -1 : 1))
      .flatMap(({ name, port: at }) => [
        `/services/web/127.0.0.1:${at}`,
        `{"host":"127.0.0.1","port":${at},"name":"${name}"}`,
      ]);
    assert.deepEqual(listed, expected);

    await two.kill();
    await eventually("its key is gone", async () => !(await keys()).includes(`:${two.port}`));
    await eventually("its line is gone", async () => !(await file()).includes(`:${two.port}`));
    await eventually("its traffic is gone", async () => (await answering(9)) === "one three");
    two.restart();
    await eventually("it is back", async () => (await answering(9)) === "one three two");

    const killedMs = performance.now();
    await presence.stop("SIGKILL");
    await eventually("its keys are gone", async () => (await keys()).trim() === "");
    const lastedMs = performance.now() - killedMs;
    assert.ok(
      lastedMs > ttlSeconds * 500,
      `the keys of a killed agent stay for the TTL, not ${lastedMs} ms`,
    );
    assert.equal(await answering(9), "one three two", "the mass-loss guard retains the instances");
    await eventually("the proxy has no server", async () => (await answering(3)) === "503");

    const again = startSidekick(t, ["presence", "-c", "presence.yaml"], { cwd: folder });
    await eventually(
      "their keys are back",
      async () => (await keys()).split("\n").filter(Boolean).length === 3,
    );
    await eventually("all three are back", async () => (await answering(9)) === "one three two");
    assert.equal(await again.stop("SIGTERM"), 0, again.output());
    assert.equal((await keys()).trim(), "", "an agent that shuts down removes its keys");
    assert.equal(await watching.stop("SIGTERM"), 0, watching.output());
    const hidden = (await readdir(folder)).filter((name) => name.startsWith("."));
    assert.deepEqual(hidden, [], "no temporary file is left");
  });
}
