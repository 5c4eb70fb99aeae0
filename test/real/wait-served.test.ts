import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusReport } from "../../lib/status/contract.ts";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { startApp, startSidekick } from "./sidekick.ts";

test("with waitServed, an agent is ready once haproxy serves its instance, and stays ready if haproxy ends", async (t) => {
  const [etcd, folder, app] = [
    await startEtcd(t),
    await throwAwayFolder(t),
    await startApp(t, "a"),
  ];
  const [front, port] = [await freePort(), await freePort()];
  const config = join(folder, "haproxy.cfg");
  const proxy = { type: "haproxy", master: join(folder, "master.sock") };
  const template = { source: "haproxy.cfg.hbs", target: config, proxy };
  const checks = [{ type: "tcp", interval: "100ms", rise: 1 }];
  const presence = {
    waitServed: true,
    services: [{ name: "web", host: "127.0.0.1", port: app.port, checks }],
  };
  const files = {
    "watch.yaml": { keyspace: etcd.url, watch: { templates: [template] } },
    "presence.yaml": { keyspace: etcd.url, presence, status: { listen: `127.0.0.1:${port}` } },
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
  const env = {
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    PROXY_LISTEN: `127.0.0.1:${front}`,
  };
  const watching = startSidekick(t, ["watch", "-c", "watch.yaml"], { cwd: folder, env });
  startSidekick(t, ["presence", "-c", "presence.yaml"], { cwd: folder });
  const get = (path: string) => fetchOnce(`http://127.0.0.1:${port}${path}`);
  const reason = async () => {
    const report = await get("/status").catch(() => undefined);
    return report && (JSON.parse(report.body) as StatusReport).reasons[0]?.message;
  };
  await eventually("the agent waits for the watcher", async () =>
    /is not served yet: 0 of 1 watchers serve it; missing: \S+$/.test((await reason()) ?? ""),
  );
  assert.equal((await get("/readyz")).status, 503);

  await eventually("the file is written", () =>
    watching.output().includes('"event":"file_written"'),
  );
  const haproxy = await startHaproxy(t, { config });
  const isReady = async () => (await get("/readyz")).status === 200;
  await eventually("the agent is ready", isReady);
  assert.equal((await fetchOnce(`http://127.0.0.1:${front}/`)).status, 200);

  const isDown = () => watching.output().split('"event":"proxy_down"').length;
  const before = isDown();
  await haproxy.process.stop("SIGTERM");
  await eventually("the watcher reports haproxy as down", () => isDown() > before);
  assert.ok(await isReady());
});
