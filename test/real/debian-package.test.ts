import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeDebianPackage } from "../../deploy/package/debian.ts";
import { makeExecutable } from "../../deploy/package/executable.ts";
import { eventually, outputOf, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";
import { startEtcd } from "./etcd.ts";
import { startApp } from "./sidekick.ts";
import { startSystemd } from "./systemd-machine.ts";

/** The package of the program, and one of a later version, which has the same program. */
async function makePackages(t: TestContext): Promise<readonly string[]> {
  const folder = await throwAwayFolder(t);
  const [executable, later] = [join(folder, "sidekick"), join(folder, "later")];
  await makeExecutable({ root, node: process.execPath, isOwn: true }, executable);
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  const parts = { root, executable, arch, compression: "none" } as const;
  const first = await makeDebianPackage(parts, folder);
  await mkdir(later);
  await outputOf(["dpkg-deb", "--raw-extract", first, join(later, "files")]);
  await outputOf(["sed", "-i", "s/^Version: .*/&+later/", join(later, "files/DEBIAN/control")]);
  // As dpkg-deb wants them, whatever the umask is.
  await outputOf(["chmod", "-R", "u=rwX,go=rX", join(later, "files")]);
  await outputOf(["dpkg-deb", "--build", "-Znone", join(later, "files"), join(later, "later.deb")]);
  return [first, join(later, "later.deb")];
}

test("the Debian package on a machine without Node.js: installed, started, upgraded without a gap, and purged", async (t) => {
  const [etcd, app, packages] = [
    await startEtcd(t),
    await startApp(t, "one"),
    await makePackages(t),
  ];
  const machine = await startSystemd(t, { units: [], programs: {}, etc: {}, packages });
  const { property } = machine;
  // Without the environment of this test, whose PATH has Node.js.
  const inside = (...argv: string[]) =>
    machine.inside("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", ...argv);
  const shell = (script: string) => inside("sh", "-ec", `umask 022; ${script}`);
  const apt = (what: string) =>
    shell(
      `DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o Dpkg::Use-Pty=0 ${what} >/run/apt 2>&1 || { cat /run/apt; exit 1; }`,
    );
  const traces = () =>
    shell("find /etc /usr /var/lib /run -path '*sidekick*' -not -path '/run/over/*' | sort");
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  assert.equal(await traces(), "");
  assert.equal(await shell("command -v node || echo none"), "none");

  await apt("install /var/packages/sidekick_*.deb");
  assert.equal(await inside("sidekick", "--version"), version);
  assert.match(
    await shell("cd /run && sidekick demo --once --proxy none"),
    /✔ the file lists app-2/,
  );
  assert.equal(await inside("dpkg", "--verify", "sidekick"), "");
  assert.equal(await property("sidekick", "ConditionResult"), "no", "there is no configuration");
  assert.equal(await property("sidekick", "UnitFileState"), "enabled");

  const services = [{ name: "web", host: "127.0.0.1", port: app.port, checks: [{ type: "tcp" }] }];
  const configuration = JSON.stringify({ keyspace: etcd.url, presence: { services } });
  await shell(`echo '${configuration}' >/etc/sidekick/sidekick.yaml; systemctl start sidekick`);

  assert.match(await inside("sidekick", "status"), /1 of 1 instances? registered/);
  const key = `/services/web/127.0.0.1:${app.port}`;
  const entry = async () => {
    const { kvs = [] } = JSON.parse(await etcd.etcdctl("get", "-w", "json", key));
    return kvs[0] as { create_revision: number; mod_revision: number } | undefined;
  };
  const registered = await entry();
  const process = await property("sidekick", "MainPID");

  await apt("install /var/packages/later.deb");
  assert.match(await inside("dpkg-query", "-W", "sidekick"), /later$/);
  assert.notEqual(await property("sidekick", "MainPID"), process);
  const upgraded = await entry();
  assert.equal(
    upgraded?.create_revision,
    registered?.create_revision,
    "it was absent for a moment",
  );
  assert.notEqual(upgraded?.mod_revision, registered?.mod_revision, "nothing took it over");
  assert.equal(await property("sidekick-upgrade", "ActiveState"), "inactive");

  await apt("purge sidekick");
  await eventually("it is deregistered", async () => (await entry()) === undefined);
  assert.equal(await traces(), "");
  assert.equal(await shell("getent passwd sidekick || echo none"), "none");
});
