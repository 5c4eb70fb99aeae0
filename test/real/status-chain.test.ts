import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusReport } from "../../lib/status/contract.ts";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startSidekick } from "./sidekick.ts";

/** An application on a port of its own, which can be stopped and started. */
async function application(t: TestContext) {
  const port = await freePort();
  let server = createServer();
  const begin = async () => {
    server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  };
  const end = () => new Promise((resolve) => server.close(resolve));
  t.after(end);
  await begin();
  return { port, begin, end };
}

test("health, readiness and the status report follow the state of keyspace, application and template", async (t) => {
  const etcd = await startEtcd(t);
  const app = await application(t);
  const folder = await throwAwayFolder(t);
  const port = await freePort();
  const source = join(folder, "t.conf.hbs");
  await writeFile(source, "{{#each services}}\n{{name}}\n{{/each}}\n");
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${etcd.url}
presence:
  services:
    - { name: web, host: 127.0.0.1, port: ${app.port}, checks: [{ type: tcp, interval: 100ms }] }
watch:
  templates: [{ source: t.conf.hbs, target: out.conf }]
status: { listen: "127.0.0.1:${port}" }
`,
  );
  await etcd.kill();
  const env = { RUNTIME_DIRECTORY: join(folder, "run") };
  startSidekick(t, ["run", "-c", "sidekick.yaml"], { cwd: folder, env });
  const at = (path: string) => fetchOnce(`http://127.0.0.1:${port}${path}`);
  const report = async () => JSON.parse((await at("/status")).body) as StatusReport;
  const statusOf = async (path: string) => (await at(path)).status;

  await eventually("the keyspace is reported as unreachable", async () => {
    return (await report()).keyspace.reachable === false;
  });
  assert.deepEqual([await statusOf("/healthz"), await statusOf("/readyz")], [200, 503]);
  await etcd.restart();
  await eventually("sidekick is ready", async () => (await statusOf("/readyz")) === 200);
  const { keyspace, presence, watch } = await report();
  assert.equal(keyspace.reachable, true);
  const name = `web/127.0.0.1:${app.port}`;
  const [{ since, ...instance } = { since: undefined }] = presence?.instances ?? [];
  assert.deepEqual(instance, {
    ...{ name, verdict: "up", why: "", registered: true, wasRegistered: true, draining: false },
  });
  assert.ok(Date.parse(since ?? "") <= Date.now());
  assert.equal(watch?.templates[0]?.state, "in sync");

  await app.end();
  const down = await eventually("the instance is down and deregistered", async () => {
    const [instance] = (await report()).presence?.instances ?? [];
    return instance?.verdict === "down" && !instance.registered && instance;
  });
  assert.match(down.why, /ECONNREFUSED/);
  await app.begin();
  await eventually("the instance is registered again", async () => {
    return (await report()).presence?.instances[0]?.registered;
  });

  await etcd.etcdctl("put", "/services/web/bad", "nonsense");
  const [entry] = await eventually("the invalid entry is quarantined", async () => {
    const { quarantined = [] } = (await report()).watch ?? {};
    return quarantined.length > 0 && quarantined;
  });
  assert.equal(entry?.key, "/services/web/bad");

  await writeFile(source, '{{getv "/none"}}\n');
  const failed = await eventually("the template fails", async () => {
    const [template] = (await report()).watch?.templates ?? [];
    return template?.state === "failing" && template;
  });
  assert.match(failed.fault?.message ?? "", /\/none/);
  assert.deepEqual([await statusOf("/healthz"), await statusOf("/readyz")], [200, 200]);
});
