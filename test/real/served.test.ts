import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusReport } from "../../lib/status/contract.ts";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { printed, sidekick, startApp, startSidekick } from "./sidekick.ts";

test("sidekick wait returns once haproxy sends requests to an instance, and names a watcher whose proxy is down", async (t) => {
  const etcd = await startEtcd(t);
  const folder = await throwAwayFolder(t);
  const [one, later, front] = [await startApp(t, "one"), await freePort(), await freePort()];
  const config = join(folder, "haproxy.cfg");
  const master = join(folder, "master.sock");
  await writeFile(
    `${config}.hbs`,
    `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
global
  stats socket ${join(folder, "haproxy.sock")} level admin
listen web
  bind 127.0.0.1:${front}
{{#each (instances "web")}}
  server {{server}} {{address}} weight {{weight}}
{{/each}}
`,
  );
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${etcd.url}
presence:
  services:
    - { name: web, host: 127.0.0.1, port: ${one.port}, checks: [{ type: tcp, interval: 100ms }] }
    - { name: web, host: 127.0.0.1, port: ${later}, checks: [{ type: tcp, interval: 100ms, rise: 1 }] }
watch:
  templates:
    - source: haproxy.cfg.hbs
      target: haproxy.cfg
      proxy: { type: haproxy, master: ${master} }
`,
  );
  const env = { RUNTIME_DIRECTORY: join(folder, "run") };
  const options = { cwd: folder, env };
  const [first, second] = [`web/127.0.0.1:${one.port}`, `web/127.0.0.1:${later}`];
  const wait = (name: string, timeout: string) =>
    sidekick(t, ["wait", name, "--served", "--timeout", timeout, "-c", "sidekick.yaml"], options);
  startSidekick(t, ["run", "-c", "sidekick.yaml"], options);
  const state = async () => {
    const text = await printed(t, ["status", "--json", "-c", "sidekick.yaml"], options);
    return text && (JSON.parse(text) as StatusReport).watch?.templates[0]?.state;
  };
  await eventually("the agent reports haproxy as down", async () => {
    return (await state()) === "proxy down";
  });
  const unserved = await wait(first, "1s");
  assert.equal(unserved.code, 1);
  assert.match(unserved.output, /is not served: 0 of 1 watchers serve it; missing: \S+/);

  const haproxy = await startHaproxy(t, { config });
  const served = await wait(first, "60s");
  assert.deepEqual(served, { code: 0, output: `${first} is served by 1 of 1 watcher\n` });
  assert.equal((await fetchOnce(`http://127.0.0.1:${front}/`)).status, 200);
  const absent = await wait(second, "1s");
  assert.deepEqual(absent, { code: 1, output: `${second} is not served: it is not registered\n` });

  const begun = wait(second, "60s");
  const server = createServer((_, response) => response.end("later"));
  await new Promise<void>((resolve) => server.listen(later, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  assert.equal((await begun).code, 0);
  const answers = new Set<string>();
  for (let i = 0; i < 4; i += 1) answers.add((await fetchOnce(`http://127.0.0.1:${front}/`)).body);
  assert.ok(answers.has("later"), [...answers].join());

  await haproxy.process.stop("SIGKILL");
  await eventually("the agent notices that", async () => (await state()) === "proxy down");
  const down = await wait(first, "1s");
  assert.equal(down.code, 1);
  assert.match(down.output, /0 of 1 watchers serve it; missing: \S+/);
});
