import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually, freePort } from "../support/process.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import { ask } from "./sidekick.ts";
import { startSystemd } from "./systemd-machine.ts";

const folder = join(import.meta.dirname, "../../deploy/systemd");
const names = ["app@.service", "app-presence@.service", "sidekick-watch.service"];
const configurations = ["app-presence.yaml", "watch.yaml"];

/** A machine with all that deploy/systemd has, set up as deploy/README.md says. */
async function startMachine(t: TestContext, { url }: Etcd, settings: readonly string[] = []) {
  const etc: Record<string, string> = {
    "default/sidekick": [`KEYSPACE=${url}`, ...settings].join("\n"),
    // Long before the watchdog of the unit: a test does not wait for that.
    "systemd/system/app-presence@.service.d/soon.conf": "[Service]\nWatchdogSec=6\n",
    "systemd/system/haproxy.service": haproxy,
    "haproxy/haproxy.cfg": "",
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

/** As Debian's, without what needs the rest of the machine. It can start once there is a configuration. */
const haproxy = `[Service]
Type=notify
ExecStart=haproxy -Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock
RuntimeDirectory=haproxy
KillMode=mixed
`;

test("deploy/systemd: units, options and configurations are what systemd and sidekick know", async (t) => {
  const { inside, property } = await startMachine(t, await startEtcd(t));
  for (const name of names) {
    assert.equal(await inside("systemd-analyze", "verify", `/etc/systemd/system/${name}`), "");
  }
  for (const name of names.slice(1)) {
    const unit = `/etc/systemd/system/${name}`;
    // Fails where the exposure is greater; in tenths.
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
    assert.equal(await property(unit, "SystemCallErrorNumber"), "1", "EPERM, not the end");
  }
  for (const name of configurations) {
    await inside("env", "PORT=8810", "sidekick", "check", "-c", `/etc/sidekick/${name}`);
  }
});

test("deploy/systemd: an application is announced while it runs, and leaves before it ends", async (t) => {
  const [etcd, port] = [await startEtcd(t), await freePort()];
  const { systemctl, property, inside } = await startMachine(t, etcd);
  const [app, presence] = [`app@${port}.service`, `app-presence@${port}.service`];
  const announced = async () => (await etcd.etcdctl("get", "--prefix", "/services/")).trim();
  const key = `/services/app/127.0.0.1:${port}`;
  const isAnnounced = () =>
    eventually("it is announced", async () => {
      const [name, value] = (await announced()).split("\n");
      return name === key && !value?.includes("weight");
    });
  const number = async (unit: string, name: string) => Number(await property(unit, name));
  const isUp = async () => {
    for (const unit of [app, presence]) {
      await eventually(
        `${unit} is up`,
        async () => (await property(unit, "ActiveState")) === "active",
      );
    }
  };

  await systemctl("start", app);
  await isUp();
  assert.match(
    await announced(),
    new RegExp(`^${key}\n`),
    "its presence is ready when it is announced",
  );
  const program = `/proc/${await number(presence, "MainPID")}/exe`;
  assert.equal(await inside("readlink", program), "/usr/local/bin/node", "it runs on our Node.js");
  const status = await eventually("root may ask", () => inside("sidekick", "status"));
  assert.match(status, /1 of 1 instances registered/);

  const stopping = systemctl("stop", app);
  await eventually("it takes no new requests", async () =>
    (await announced()).includes('"weight":0'),
  );
  assert.equal((await ask(`http://127.0.0.1:${port}/`)).status, 200, "and yet it serves");
  await stopping;
  assert.equal(await announced(), "");
  const leftUs = await number(presence, "InactiveEnterTimestampMonotonic");
  const toldUs = await number(app, "ActiveExitTimestampMonotonic");
  assert.ok(leftUs <= toldUs, "the application is told to stop once its presence has left");

  await systemctl("start", app);
  await isAnnounced();
  await systemctl("restart", app);
  await isAnnounced();
  await isUp();

  const pid = await number(presence, "MainPID");
  await systemctl("kill", "--signal=KILL", app);
  await eventually("it is gone", async () => (await announced()) === "");
  await isAnnounced();
  assert.notEqual(await number(presence, "MainPID"), pid, "it is bound to the application");

  await isUp();
  await systemctl("kill", "--kill-who=main", "--signal=STOP", presence);
  await eventually(
    "what hangs is started anew",
    async () => (await number(presence, "NRestarts")) > 0,
  );
  await isUp();
  await isAnnounced();
});

test("deploy/systemd: the watcher is ready once haproxy serves", async (t) => {
  const [etcd, app, port] = [await startEtcd(t), await freePort(), await freePort()];
  const { systemctl, property } = await startMachine(t, etcd, [
    ...[`PROXY_LISTEN=127.0.0.1:${port}`, "HAPROXY_MAXCONN=200"],
  ]);
  const state = () => property("sidekick-watch.service", "ActiveState");
  await systemctl("start", "--no-block", "sidekick-watch.service", `app@${app}.service`);
  await eventually("haproxy has something to start with", async () => {
    await systemctl("start", "haproxy.service");
    return true;
  });
  await eventually("the watcher is ready", async () => (await state()) === "active");
  const served = async () => (await ask(`http://127.0.0.1:${port}/`)).text === "app";
  await eventually("haproxy serves the application", served);
  await systemctl("stop", `app@${app}.service`);
  const nobody = async () => (await ask(`http://127.0.0.1:${port}/`)).status === 503;
  await eventually("haproxy has nobody to ask", nobody);
});
