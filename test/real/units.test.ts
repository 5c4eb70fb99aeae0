import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort } from "../support/process.ts";
import { root } from "../support/sources.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import { startSystemd } from "./systemd-machine.ts";

const folder = join(root, "deploy/systemd");
const names = ["app@.service", "app-presence@.service", "sidekick-watch.service"];
const configurations = ["app-presence.yaml", "watch.yaml"];

/** A machine with the files of deploy/systemd, set up as deploy/README.md describes. */
async function startMachine(t: TestContext, { url }: Etcd, settings: readonly string[] = []) {
  const etc: Record<string, string> = {
    "default/sidekick": [`KEYSPACE=${url}`, ...settings].join("\n"),
    // Shorter than the watchdog timeout of the unit, for which a test would have to wait.
    "systemd/system/app-presence@.service.d/soon.conf": "[Service]\nWatchdogSec=6\n",
    "systemd/system/haproxy.service": haproxy,
    "haproxy/haproxy.cfg": "",
    "sidekick/env.yaml": JSON.stringify({ keyspace: url, exec: { env: { ODD: odd } } }),
    "systemd/system/env.service": printing,
  };
  for (const name of configurations) {
    etc[`sidekick/${name}`] = await readFile(join(folder, name), "utf8");
  }
  const program = "exec node /usr/local/lib/sidekick/dist/cli/main.js";
  return await startSystemd(t, {
    units: names.map((name) => join(folder, name)),
    programs: { sidekick: `${program} "$@"`, app: `${program} demo-app app "$1"` },
    etc,
  });
}

/** A value with everything that has to be quoted. */
const odd = 'it\'s "$HOME" `id` \\n\\\n# tab\t, grüße 😀 \\';

/** Writes a variable of its environment to a file. */
const printing = `[Service]
Type=oneshot
EnvironmentFile=/run/env
ExecStart=sh -c 'printenv ODD >/run/seen'
`;

/** Debian's unit without its dependencies. haproxy can start as soon as there is a configuration. */
const haproxy = `[Service]
Type=notify
ExecStart=haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock
RuntimeDirectory=haproxy
KillMode=mixed
`;

test("deploy/systemd: systemd and sidekick accept the units, options and configurations", async (t) => {
  const { inside, property } = await startMachine(t, await startEtcd(t));
  for (const name of names) {
    assert.equal(await inside("systemd-analyze", "verify", `/etc/systemd/system/${name}`), "");
  }
  for (const name of names.slice(1)) {
    const unit = `/etc/systemd/system/${name}`;
    // Fails if the exposure level is greater than 3.0.
    const exposure = await inside(
      "systemd-analyze",
      "security",
      "--offline=true",
      "--threshold=30",
      unit,
    );
    t.diagnostic(exposure.split("\n").at(-1) ?? "");
    const [, command = "", options = ""] =
      /^ExecStart=sidekick (\w+)(.*)$/m.exec(await inside("cat", unit)) ?? [];
    const help = await inside("sidekick", command, "--help");
    for (const [, option = ""] of options.matchAll(/ (-\S+)/g))
      assert.ok(help.includes(`${option},`), option);
  }
  for (const unit of ["app-presence@1.service", "sidekick-watch.service"]) {
    assert.match(await property(unit, "SystemCallFilter"), /\bpkey_alloc\b/, unit);
    assert.equal(await property(unit, "SystemCallErrorNumber"), "1", "EPERM instead of SIGSYS");
  }
  for (const name of configurations) {
    await inside("env", "PORT=8810", "sidekick", "check", "-c", `/etc/sidekick/${name}`);
  }
});

test("deploy/systemd: an application is registered while it runs, and deregistered before it ends", async (t) => {
  const [etcd, port] = [await startEtcd(t), await freePort()];
  const { systemctl, property, inside } = await startMachine(t, etcd);
  const [app, presence] = [`app@${port}.service`, `app-presence@${port}.service`];
  const registered = async () => (await etcd.etcdctl("get", "--prefix", "/services/")).trim();
  const key = `/services/app/127.0.0.1:${port}`;
  const becomeRegistered = () =>
    eventually("the application is registered", async () => {
      const [name, value] = (await registered()).split("\n");
      return name === key && !value?.includes("weight");
    });
  const number = async (unit: string, name: string) => Number(await property(unit, name));
  const becomeActive = async () => {
    for (const unit of [app, presence]) {
      await eventually(
        `${unit} is active`,
        async () => (await property(unit, "ActiveState")) === "active",
      );
    }
  };

  await systemctl("start", app);
  await becomeActive();
  assert.match(
    await registered(),
    new RegExp(`^${key}\n`),
    "the presence agent is ready when the application is registered",
  );
  const program = `/proc/${await number(presence, "MainPID")}/exe`;
  assert.equal(
    await inside("readlink", program),
    "/usr/local/bin/node",
    "it runs on the Node.js of this test",
  );
  const status = await eventually("root can read the status", () => inside("sidekick", "status"));
  assert.match(status, /1 of 1 instances registered/);

  const stopping = systemctl("stop", app);
  await eventually("it is draining", async () => (await registered()).includes('"weight":0'));
  assert.equal((await fetchOnce(`http://127.0.0.1:${port}/`)).status, 200, "it still serves");
  await stopping;
  assert.equal(await registered(), "");
  const shutDownUs = await number(presence, "InactiveEnterTimestampMonotonic");
  const stopUs = await number(app, "ActiveExitTimestampMonotonic");
  assert.ok(shutDownUs <= stopUs, "the application stops after its presence agent has shut down");

  await inside("sh", "-c", `sidekick env -c /etc/sidekick/env.yaml --format systemd >/run/env`);
  await systemctl("start", "env.service");
  assert.equal(await inside("cat", "/run/seen"), odd, "systemd reads what sidekick env prints");

  await systemctl("start", app);
  await becomeRegistered();
  await systemctl("restart", app);
  await becomeRegistered();
  await becomeActive();

  const pid = await number(presence, "MainPID");
  await systemctl("kill", "--signal=KILL", app);
  await eventually("it is deregistered", async () => (await registered()) === "");
  await becomeRegistered();
  assert.notEqual(
    await number(presence, "MainPID"),
    pid,
    "the presence agent is bound to the application",
  );

  await becomeActive();
  await inside("sh", "-c", `kill -STOP ${await number(presence, "MainPID")}`);
  await eventually(
    "the watchdog restarts the stopped agent",
    async () => (await number(presence, "NRestarts")) > 0,
  );
  await becomeActive();
  await becomeRegistered();
});

test("deploy/systemd: the watcher is ready as soon as haproxy serves", async (t) => {
  const [etcd, app, port] = [await startEtcd(t), await freePort(), await freePort()];
  const { systemctl, property } = await startMachine(t, etcd, [
    ...[`PROXY_LISTEN=127.0.0.1:${port}`, "HAPROXY_MAXCONN=200"],
  ]);
  const state = () => property("sidekick-watch.service", "ActiveState");
  await systemctl("start", "--no-block", "sidekick-watch.service", `app@${app}.service`);
  await eventually("haproxy starts with the rendered configuration", async () => {
    await systemctl("start", "haproxy.service");
    return true;
  });
  await eventually("the watcher is ready", async () => (await state()) === "active");
  const served = async () => (await fetchOnce(`http://127.0.0.1:${port}/`)).body === "app";
  await eventually("haproxy serves the application", served);
  await systemctl("stop", `app@${app}.service`);
  const hasNoServer = async () => (await fetchOnce(`http://127.0.0.1:${port}/`)).status === 503;
  await eventually("haproxy has no server", hasNoServer);
});
