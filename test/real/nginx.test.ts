import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import type { Proxy } from "../../lib/proxy/contract.ts";
import { createProxy, proxySchema } from "../../lib/proxy/kinds.ts";
import { askMarker } from "../../lib/proxy/nginx/marker.ts";
import { withCode } from "../support/faults.ts";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { freePort, stretched, throwAwayFolder } from "../support/process.ts";
import { apply } from "./apply-proxy.ts";
import { type Nginx, startNginx } from "./nginx.ts";

/** A running nginx that answers with the version of its configuration. */
interface Scene {
  readonly folder: string;
  readonly nginx: Nginx;
  readonly url: string;
  readonly config: string;
  readonly pidFile: string;
  readonly errorLog: string;
  /** Writes another version of the configuration; `extra` is added to its server. */
  write(version: string, extra?: string): Promise<void>;
  served(): Promise<string>;
}

async function scene(t: TestContext, log: { errorLog?: string } = {}): Promise<Scene> {
  const folder = await throwAwayFolder(t);
  const [config, pidFile] = [join(folder, "nginx.conf"), join(folder, "nginx.pid")];
  const { errorLog = join(folder, "error.log") } = log;
  const [port, slow] = [await freePort(), await startEndlessServer(t)];
  const write = (version: string, extra = "") =>
    writeFile(
      config,
      `pid ${pidFile};
error_log ${errorLog};
worker_processes 2;
worker_shutdown_timeout 5s;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    ${extra}
    location / { return 200 ${version}; }
    location /slow { proxy_pass http://127.0.0.1:${slow}; proxy_buffering off; }
  }
}
`,
    );
  await write("v1");
  const nginx = await startNginx(t, { config, pidFile });
  const url = `http://127.0.0.1:${port}/`;
  const served = async () => (await fetchOnce(url)).body;
  return { folder, nginx, url, config, pidFile, errorLog, write, served };
}

/** The port of a server that begins its answers and never ends them. */
async function startEndlessServer(t: TestContext): Promise<number> {
  return await listen(
    t,
    createHttpServer((_, response) => response.write("so far")),
  );
}

/** The settings for each way to reload, by a phrase for the test names. */
const ways: Readonly<Record<string, (scene: Scene) => object>> = {
  "by signal": ({ pidFile, errorLog }) => ({ pidFile, errorLog }),
  "by command": ({ nginx, pidFile, errorLog }) => ({
    reload: ["kill", "-HUP", String(nginx.process.pid)],
    pidFile,
    errorLog,
  }),
};

function proxyOf(fields: object): Proxy {
  return createProxy(proxySchema.parse({ type: "nginx", ...fields }), { clock: systemClock });
}

for (const [way, fieldsOf] of Object.entries(ways)) {
  test(`a reload ${way} has finished when it is reported`, async (t) => {
    const stage = await scene(t);
    const proxy = proxyOf(fieldsOf(stage));
    for (const version of ["v2", "v3"]) {
      await stage.write(version);
      assert.equal(await apply(proxy), "reloaded");
      assert.equal(await stage.served(), version);
    }
  });

  test(`a file that nginx rejects ${way} is reported with the message of nginx`, async (t) => {
    const stage = await scene(t);
    const proxy = proxyOf(fieldsOf(stage));
    await stage.write("v2", "no_such_directive on;");
    await assert.rejects(
      apply(proxy),
      withCode("PROXY_REJECTED", /unknown directive "no_such_directive" in .*nginx\.conf:10/),
    );
    assert.equal(await stage.served(), "v1");
    await stage.write("v3");
    assert.equal(await apply(proxy), "reloaded");
    assert.equal(await stage.served(), "v3");
  });

  test(`an nginx that is not running is reported ${way}`, async (t) => {
    const stage = await scene(t);
    await stage.nginx.process.stop();
    const proxy = proxyOf(fieldsOf(stage));
    await assert.rejects(apply(proxy), withCode("PROXY_NOT_RUNNING", /ENOENT.*nginx\.pid/));
    await writeFile(stage.pidFile, `${stage.nginx.process.pid}\n`);
    await assert.rejects(apply(proxy), withCode("PROXY_NOT_RUNNING", /has ended/));
  });
}

test("a configuration with a port in use is rejected, and the old workers keep running", async (t) => {
  const stage = await scene(t);
  const port = await listen(t, createServer());
  await stage.write("v2", `listen 127.0.0.1:${port};`);
  await assert.rejects(
    apply(proxyOf({ pidFile: stage.pidFile, errorLog: stage.errorLog })),
    withCode("PROXY_REJECTED", /still could not bind\(\)/),
  );
  assert.equal(await stage.served(), "v1");
});

test("without a setting the error log is found by the standard error of the master", async (t) => {
  const stage = await scene(t);
  await stage.write("v2", "no_such_directive on;");
  await assert.rejects(
    apply(proxyOf({ pidFile: stage.pidFile })),
    withCode("PROXY_REJECTED", /unknown directive "no_such_directive" in .*nginx\.conf:10/),
  );
});

test("without a readable error log a rejected reload is detected by the old workers", async (t) => {
  const stage = await scene(t, { errorLog: "stderr" });
  await stage.write("v2", "no_such_directive on;");
  await assert.rejects(
    apply(proxyOf({ pidFile: stage.pidFile, timeout: "300ms" })),
    withCode("PROXY_REJECTED", /the same workers still serve after 300ms/),
  );
});

test("new workers that replace crashed ones do not count as a reload", async (t) => {
  const stage = await scene(t);
  const old = await stage.nginx.workers();
  await stage.write("v2", "no_such_directive on;");
  const proxy = proxyOf({
    pidFile: stage.pidFile,
    reload: [
      "sh",
      "-c",
      `kill -9 ${old.join(" ")}; sleep 0.2; kill -HUP ${stage.nginx.process.pid}`,
    ],
  });
  await assert.rejects(apply(proxy), withCode("PROXY_REJECTED", /unknown directive/));
  assert.equal(await stage.served(), "v1");
});

test("a marker verifies the loaded file, whether the workers are visible or not", async (t) => {
  const stage = await scene(t);
  const marker = `unix:${join(stage.folder, "marker.sock")}`;
  const pidFiles = [stage.pidFile, join(stage.folder, "no.pid")];
  const reload = ["kill", "-HUP", String(stage.nginx.process.pid)];
  for (const [i, pidFile] of pidFiles.entries()) {
    const generation = `sidekick-000000000000000${i + 1}`;
    const proxy = proxyOf({ marker, pidFile, reload });
    await stage.write(`v${i + 2}`, `} server { listen ${marker}; return 200 ${generation};`);
    assert.equal(await apply(proxy, generation), "reloaded");
    assert.equal(await askMarker(marker, never), generation);
  }
});

for (const [workers, pidFileOf] of [
  ["new workers", ({ pidFile }: Scene) => pidFile],
  ["invisible workers", ({ folder }: Scene) => join(folder, "no.pid")],
] as const) {
  test(`an nginx with ${workers} that has loaded another file is reported as rejecting it`, async (t) => {
    const stage = await scene(t);
    const marker = `127.0.0.1:${await freePort()}`;
    const generation = "sidekick-0000000000000001";
    const limit = `${Math.ceil(stretched(3000) / 1000)}s`;
    await stage.write("v2", `} server { listen ${marker}; return 200 ${generation};`);
    const proxy = proxyOf({
      marker,
      pidFile: pidFileOf(stage),
      reload: ["kill", "-HUP", String(stage.nginx.process.pid)],
      timeout: limit,
    });
    await assert.rejects(
      apply(proxy, "sidekick-0000000000000002"),
      withCode(
        "PROXY_REJECTED",
        new RegExp(`answers sidekick-0{15}1 and not sidekick-0{15}2 after ${limit}`),
      ),
    );
  });
}

test("an nginx with a marker that does not answer is not running", async (t) => {
  const folder = await throwAwayFolder(t);
  const proxy = proxyOf({
    marker: `unix:${join(folder, "marker.sock")}`,
    pidFile: join(folder, "no.pid"),
    reload: ["true"],
    timeout: "100ms",
  });
  await assert.rejects(
    apply(proxy, "sidekick-0000000000000001"),
    withCode("PROXY_NOT_RUNNING", /its marker unix:.* does not answer/),
  );
});

test("an old worker that is still busy with a request does not delay the verification", async (t) => {
  const stage = await scene(t);
  const before = await stage.nginx.workers();
  const leave = new AbortController();
  t.after(() => leave.abort());
  const slow = await fetch(`${stage.url}slow`, { signal: leave.signal });
  assert.equal(slow.status, 200);
  await stage.write("v2");
  assert.equal(await apply(proxyOf({ pidFile: stage.pidFile })), "reloaded");
  assert.equal(await stage.served(), "v2");
  const still = new Set(await stage.nginx.workers());
  assert.ok(before.some((worker) => still.has(worker)));
});

test("no new connection fails during repeated reloads of nginx", async (t) => {
  const stage = await scene(t);
  const proxy = proxyOf({ pidFile: stage.pidFile });
  const requests = keepRequesting(stage.url);
  for (let i = 2; i <= 7; i += 1) {
    await stage.write(`v${i}`);
    await apply(proxy);
  }
  assert.deepEqual(await requests.stop(), []);
  assert.ok(requests.answered() > 50);
});

test("a command for an nginx that is not visible is not verified", async (t) => {
  const pidFile = join(await throwAwayFolder(t), "no.pid");
  assert.equal(await apply(proxyOf({ reload: ["true"], pidFile })), "ran");
});

test("the output of a failed nginx -s reload is reported", async (t) => {
  const stage = await scene(t);
  const proxy = proxyOf({
    reload: ["nginx", "-c", stage.config, "-s", "reload"],
    pidFile: stage.pidFile,
  });
  await stage.write("v2", "no_such_directive on;");
  await assert.rejects(
    apply(proxy),
    withCode("PROXY_COMMAND_FAILED", /unknown directive "no_such_directive"/),
  );
});

test("a pid file with the process id of another program is rejected", async (t) => {
  const pidFile = join(await throwAwayFolder(t), "other.pid");
  await writeFile(pidFile, `${process.pid}\n`);
  await assert.rejects(apply(proxyOf({ pidFile })), withCode("PROXY_NOT_RUNNING", /has ended/));
  await writeFile(pidFile, "\n");
  await assert.rejects(apply(proxyOf({ pidFile })), withCode("PROXY_NOT_RUNNING", /no process id/));
  await rm(pidFile);
});
