import assert from "node:assert/strict";
import { rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import type { Proxy } from "../../lib/proxy/contract.ts";
import { createHaproxy, schema as haproxySchema } from "../../lib/proxy/haproxy/haproxy.ts";
import { createProxy, proxySchema } from "../../lib/proxy/kinds.ts";
import { withCode } from "../support/faults.ts";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { freePort, throwAwayFolder } from "../support/process.ts";
import { apply } from "./apply-proxy.ts";
import { type Haproxy, startHaproxy } from "./haproxy.ts";

/** A running haproxy that answers with the version of its configuration. */
interface Scene {
  readonly haproxy: Haproxy;
  readonly url: string;
  readonly socket: string;
  readonly folder: string;
  /** Writes another version of the configuration; `extra` is added to its front end. */
  write(version: string, extra?: string): Promise<void>;
  served(): Promise<string>;
}

async function scene(t: TestContext): Promise<Scene> {
  const folder = await throwAwayFolder(t);
  const [config, socket] = [join(folder, "haproxy.cfg"), join(folder, "admin.sock")];
  const port = await freePort();
  const write = (version: string, extra = "") =>
    writeFile(
      config,
      `global
  stats socket ${socket} mode 660 level admin expose-fd listeners
  stats timeout 200ms
  hard-stop-after 5s
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend test
  bind 127.0.0.1:${port}
  ${extra}
  http-request return status 200 content-type text/plain string ${version}
`,
    );
  await write("v1");
  const url = `http://127.0.0.1:${port}/`;
  const served = async () => (await fetchOnce(url)).body;
  return { haproxy: await startHaproxy(t, { config }), url, socket, folder, write, served };
}

/** The settings for each way to reload, by a phrase for the test names. */
const ways: Readonly<Record<string, (scene: Scene) => object>> = {
  "by the master socket": ({ haproxy }) => ({ master: haproxy.master }),
  "by signal": ({ haproxy }) => ({ pidFile: haproxy.pidFile }),
  "by signal, verified by the stats socket": ({ haproxy, socket }) => ({
    pidFile: haproxy.pidFile,
    socket,
  }),
  "by command, verified by the stats socket": ({ haproxy, socket }) => ({
    reload: ["kill", "-USR2", String(haproxy.process.pid)],
    socket,
  }),
};

function proxyOf(fields: object, timeout = "10s"): Proxy {
  const config = proxySchema.parse({ type: "haproxy", timeout, ...fields });
  return createProxy(config, { clock: systemClock });
}

for (const [way, fieldsOf] of Object.entries(ways)) {
  test(`a reload ${way} has finished when it is reported`, async (t) => {
    const stage = await scene(t);
    const proxy = proxyOf(fieldsOf(stage));
    for (const version of ["v2", "v3"]) {
      const before = await stage.haproxy.worker();
      await stage.write(version);
      assert.equal(await apply(proxy), "reloaded");
      assert.equal(await stage.served(), version);
      assert.notEqual(await stage.haproxy.worker(), before);
    }
  });

  test(`a reload ${way} that haproxy rejects is a fault, and the next valid one succeeds`, async (t) => {
    const stage = await scene(t);
    const worker = await stage.haproxy.worker();
    await stage.write("v2", "no such keyword");
    await assert.rejects(
      apply(proxyOf(fieldsOf(stage), "1s")),
      withCode(
        "PROXY_REJECTED",
        /rejected the new configuration and keeps running with the previous one/,
      ),
    );
    assert.equal(await stage.served(), "v1");
    assert.equal(await stage.haproxy.worker(), worker);
    await stage.write("v3");
    assert.equal(await apply(proxyOf(fieldsOf(stage))), "reloaded");
    assert.equal(await stage.served(), "v3");
  });

  test(`a haproxy that is not running is reported ${way}`, async (t) => {
    const stage = await scene(t);
    const proxy = proxyOf(fieldsOf(stage));
    await stage.haproxy.process.stop();
    await assert.rejects(apply(proxy), withCode("PROXY_NOT_RUNNING", /is not running/));
  });
}

test("a configuration with a port in use is rejected, and the old worker keeps running", async (t) => {
  const stage = await scene(t);
  const port = await listen(t, createServer());
  await stage.write("v2", `bind 127.0.0.1:${port}`);
  const proxy = proxyOf({ master: stage.haproxy.master });
  await assert.rejects(apply(proxy), withCode("PROXY_REJECTED", /the reload failed/));
  assert.equal(await stage.served(), "v1");
});

test("without a way to reload, the master's socket is looked for at each use where it usually is", async (t) => {
  const stage = await scene(t);
  const { folder, haproxy, write, served } = stage;
  const [images, debian] = [join(folder, "haproxy-master"), join(folder, "run-haproxy-master")];
  const config = haproxySchema.parse({ type: "haproxy", timeout: "10s" });
  const proxy = createHaproxy(config, { clock: systemClock }, [images, debian]);
  assert.equal(proxy.title, `haproxy (master ${images} or ${debian})`);
  await write("v2");
  await assert.rejects(apply(proxy), withCode("PROXY_NOT_RUNNING", /may not be running/));
  for (const [path, version] of [
    [debian, "v3"],
    [images, "v4"],
  ] as const) {
    await symlink(haproxy.master, path);
    await write(version);
    assert.equal(await apply(proxy), "reloaded");
    assert.equal(await served(), version);
    await rm(path);
  }
});

test("no new connection fails during repeated reloads of haproxy", async (t) => {
  const stage = await scene(t);
  const proxy = proxyOf({ master: stage.haproxy.master });
  const requests = keepRequesting(stage.url);
  for (let i = 2; i <= 9; i += 1) {
    await stage.write(`v${i}`);
    await apply(proxy);
  }
  assert.deepEqual(await requests.stop(), []);
  assert.ok(requests.answered() > 50);
});

test("two concurrent reloads are both verified", async (t) => {
  const stage = await scene(t);
  const proxy = proxyOf({ master: stage.haproxy.master });
  await stage.write("v2");
  assert.deepEqual(await Promise.all([apply(proxy), apply(proxy)]), ["reloaded", "reloaded"]);
  assert.equal(await stage.served(), "v2");
});

test("a command without a stats socket is not verified, and its failure is a fault", async (t) => {
  const folder = await throwAwayFolder(t);
  assert.equal(await apply(proxyOf({ reload: ["true"] })), "ran");
  const failing = proxyOf({ reload: ["/bin/sh", "-c", "echo no such unit >&2; exit 5"] });
  await assert.rejects(apply(failing), withCode("PROXY_COMMAND_FAILED", /code 5: no such unit/));
  const nowhere = proxyOf({ reload: ["true"], socket: join(folder, "no.sock") }, "200ms");
  await assert.rejects(apply(nowhere), withCode("PROXY_NOT_RUNNING", /ENOENT/));
});

test("a command that does not reload haproxy is detected", async (t) => {
  const stage = await scene(t);
  // It takes longer than `stats timeout`, after which haproxy closes the connection.
  const proxy = proxyOf({ reload: ["sleep", "0.4"], socket: stage.socket }, "600ms");
  await assert.rejects(apply(proxy), withCode("PROXY_REJECTED", /no new worker after 600ms/));
});
