import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { parseConfig } from "../../lib/config/load.ts";
import { outputOf, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";

const file = join(root, "deploy/cloud-config.yaml");
const text = await readFile(file, "utf8");
const { write_files, runcmd, coreos } = parse(text) as {
  readonly write_files: readonly { readonly path: string; readonly content: string }[];
  readonly runcmd: readonly (readonly string[])[];
  readonly coreos: { readonly units: readonly { readonly name: string }[] };
};
const files = new Map(write_files.map(({ path, content }) => [path, content]));
const units = [...files.keys()].filter((path) => path.startsWith("/etc/systemd/system/"));
const nameAndValue = /^([A-Z_]+)=(.*)$/gm;
const settings = new Map(
  Array.from((files.get("/etc/sidekick/machine.env") ?? "").matchAll(nameAndValue), (found) => [
    found[1],
    found[2],
  ]),
);

test("deploy/cloud-config.yaml: cloud-init accepts it, also with the members of etcd that heat.yaml puts in", async (t) => {
  const folder = await throwAwayFolder(t);
  const heat = parse(await readFile(join(root, "deploy/heat.yaml"), "utf8"));
  const { str_replace } = heat.resources.servers.properties.resource_def.properties.user_data;
  const [replaced = "", ...others] = Object.keys(str_replace.params);
  assert.deepEqual(others, []);
  assert.equal(text.split(replaced).length, 2, `${replaced} is there once`);
  const cluster = "10.0.0.5=http://10.0.0.5:2380,10.0.0.6=http://10.0.0.6:2380";
  const made = join(folder, "user-data");
  await writeFile(made, text.replace(replaced, `${replaced}${cluster}`));
  for (const one of [file, made]) {
    // It fails with what is wrong.
    const valid = await outputOf(["cloud-init", "schema", "--config-file", one]);
    assert.match(valid, /^Valid cloud-config/);
  }
  const [, line] = /^(\s+ETCD_CLUSTER=.*)$/m.exec(await readFile(made, "utf8")) ?? [];
  assert.equal(line?.trim(), `ETCD_CLUSTER=${cluster}`);
});

test("deploy/cloud-config.yaml: systemd accepts the units, sidekick the configurations, and a shell the script", async (t) => {
  const folder = await throwAwayFolder(t);
  const [unitFolder, etc] = [join(folder, "units"), join(folder, "etc")];
  for (const one of [unitFolder, etc]) await mkdir(one);
  for (const [path, content] of files) {
    await writeFile(join(units.includes(path) ? unitFolder : etc, basename(path)), content);
  }
  const paths = units.map((path) => join(unitFolder, basename(path)));
  // The colon adds the units of this machine, of which docker.service is needed.
  const env = { SYSTEMD_UNIT_PATH: `${unitFolder}:` };
  assert.equal(await outputOf(["systemd-analyze", "verify", "--man=no", ...paths], { env }), "");

  const address = "10.0.0.5";
  const network = `ip link set lo up; ip addr add ${address}/32 dev lo; ip route add default dev lo src ${address}`;
  const script = `${network}; exec sh ${join(etc, "machine.sh")}`;
  const printed = await outputOf(["unshare", "--net", "sh", "-ec", script]);
  const own = `HOST_ADDRESS=${address}\nETCD_MEMBERS=${address}=http://${address}:2380\n`;
  assert.equal(printed, own);
  const machine = (await readFile(join(etc, "machine.env"), "utf8")).replace(
    /(ETCD_CLUSTER=)/,
    "$1a,b",
  );
  await writeFile(join(etc, "machine.env"), machine);
  assert.match(await outputOf(["unshare", "--net", "sh", "-ec", script]), /^ETCD_MEMBERS=a,b$/m);

  const variables = { PORT: settings.get("PORT"), HOST_ADDRESS: address };
  for (const name of ["presence.yaml", "watch.yaml"]) {
    const content = files.get(`/etc/sidekick/${name}`) ?? "";
    const context = { env: variables, hostName: "web-1" };
    const { presence, watch } = parseConfig(content, join(etc, name), "yaml", context);
    assert.ok(presence ?? watch);
    if (presence) assert.equal(presence.services[0]?.host, address);
  }
});

test("deploy/cloud-config.yaml: every unit is started, with images that are set in one place", async () => {
  const target = files.get("/etc/systemd/system/sidekick.target") ?? "";
  const wanted = /^Wants=(.*)$/m.exec(target)?.[1]?.split(" ") ?? [];
  const known = new Set([...settings.keys(), "HOST_ADDRESS", "ETCD_MEMBERS"]);
  for (const path of units.filter((one) => one.endsWith(".service"))) {
    const content = files.get(path) ?? "";
    const [name, own] = [basename(path), basename(path, ".service")];
    const isRequired = [...files.values()].some((one) =>
      new RegExp(`^Requires=.*${name}`, "m").test(one),
    );
    assert.ok(wanted.includes(name) || isRequired, `${name} is started`);
    for (const [, variable = ""] of content.matchAll(/\$\{(\w+)\}|--env (\w+)/g)) {
      if (variable) assert.ok(known.has(variable), `${variable} of ${name}`);
    }
    for (const [, container] of content.matchAll(/--name (\S+)/g)) assert.equal(container, own);
  }
  assert.deepEqual(runcmd.at(-1), ["systemctl", "enable", "--now", "sidekick.target"]);
  assert.equal(coreos.units[0]?.name, "sidekick.target");
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  assert.equal(settings.get("SIDEKICK_IMAGE"), `sidekick:${version}`);
});
