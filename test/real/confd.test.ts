import assert from "node:assert/strict";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../lib/base/signal.ts";
import { eventually, start, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";
import { startEtcd } from "./etcd.ts";
import { opening } from "./keyspace.ts";
import { sidekick, startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";

const template = `{{range gets "/upstream/*"}}server {{base .Key}} {{.Value}};
{{end}}{{if exists "/secret"}}secret{{end}}`;

test("confd's command line and files keep a file in sync with etcd, and a link named confd does so once", async (t) => {
  const [etcd, folder] = [await startEtcd(t), await throwAwayFolder(t)];
  const [conf, dest, log] = [
    join(folder, "confd"),
    join(folder, "up.conf"),
    join(folder, "reloads"),
  ];
  await mkdir(join(conf, "conf.d"), { recursive: true });
  await mkdir(join(conf, "templates"));
  await writeFile(join(conf, "templates/up.tmpl"), template);
  await writeFile(
    join(conf, "conf.d/up.toml"),
    `[template]
src = "up.tmpl"
dest = "${dest}"
prefix = "/app"
keys = ["/upstream"]
mode = "0640"
check_cmd = "grep -q server {{.src}} && ! grep -q bad {{.src}}"
reload_cmd = "wc -l < ${dest} >> ${log}"
`,
  );
  const put = (key: string, value: string) => etcd.etcdctl("put", key, value);
  await put("/app/upstream/a", "10.0.0.1:80");
  await put("/app/secret", "1");
  await put("/upstream/z", "1");
  const options = ["-backend", "etcdv3", "-node", `http://${etcd.endpoint}`, "-confdir", conf];
  const watching = startSidekick(t, ["confd", "-watch", ...options], { cwd: folder });
  const becomes = (text: string) =>
    eventually(`the file is ${JSON.stringify(text)}`, async () => {
      const found = await readFile(dest, "utf8").catch(() => "");
      return found === text || undefined;
    });
  const reloads = () => readFile(log, "utf8").catch(() => "");
  await becomes("server a 10.0.0.1:80;\n");
  await eventually("it is reloaded", async () => (await reloads()) === "1\n" || undefined);
  assert.equal((await stat(dest)).mode & 0o777, 0o640);

  await put("/app/upstream/b", "10.0.0.2:80");
  await becomes("server a 10.0.0.1:80;\nserver b 10.0.0.2:80;\n");
  await eventually("it is reloaded", async () => (await reloads()) === "1\n2\n" || undefined);

  await put("/app/upstream/c", "bad");
  await eventually("the check command rejects it", () =>
    watching.stderr().includes("INSTALL_CHECK_FAILED"),
  );
  assert.equal(await readFile(dest, "utf8"), "server a 10.0.0.1:80;\nserver b 10.0.0.2:80;\n");
  await put("/app/upstream/c", "10.0.0.3:80");
  await becomes("server a 10.0.0.1:80;\nserver b 10.0.0.2:80;\nserver c 10.0.0.3:80;\n");
  await eventually("it is reloaded", async () => (await reloads()).endsWith("3\n") || undefined);
  assert.equal(await watching.stop(), 0);

  const link = join(folder, "bin/confd");
  await mkdir(join(folder, "bin"));
  await symlink(join(root, "dist/cli/main.js"), link);
  const once = async (...more: readonly string[]) => {
    const running = start(t, [process.execPath, link, "-onetime", ...options, ...more], {
      cwd: folder,
    });
    return { code: await running.ended, output: running.output() };
  };
  const before = await reloads();
  const same = await once();
  assert.equal(same.code, 0, same.output);
  assert.equal(await reloads(), before, "the file was in sync");

  await etcd.etcdctl("del", "/app/upstream/c");
  const noop = await once("-noop");
  assert.equal(noop.code, 0, noop.output);
  assert.match(noop.output, /^-server c 10\.0\.0\.3:80;$/m);
  assert.match(await readFile(dest, "utf8"), /server c/);

  await writeFile(
    join(conf, "conf.d/other.toml"),
    `[template]\nsrc = "none"\ndest = "${folder}/other"\n`,
  );
  const partly = await once();
  assert.equal(partly.code, 1, "one of two resources failed");
  assert.match(partly.output, /none cannot be read/);
  assert.equal(await readFile(dest, "utf8"), "server a 10.0.0.1:80;\nserver b 10.0.0.2:80;\n");

  await writeFile(join(conf, "conf.d/other.toml"), '[template]\nsource = "none"\n');
  const invalid = await once();
  assert.equal(invalid.code, 1);
  assert.match(invalid.output, /confd\/conf\.d\/other\.toml:2:1: source is not known/);
});

test("all keys of ZooKeeper are read, except sidekick's own", async (t) => {
  const [zookeeper, folder] = [await startZookeeper(t), await throwAwayFolder(t)];
  const session = await (await opening(t, zookeeper.url)).open(60_000, never);
  for (const key of ["/app/name", "/db", "/sidekick/watchers/w"])
    await session.put(key, "1", never);
  await mkdir(join(folder, "conf.d"));
  await mkdir(join(folder, "templates"));
  const dest = join(folder, "out");
  const resource = `[template]\nsrc = "t"\ndest = "${dest}"\nkeys = ["/"]\n`;
  await writeFile(join(folder, "conf.d/t.toml"), resource);
  const text =
    '{{range gets "/*"}}{{.Key}} {{end}}{{range gets "/*/*"}}{{.Key}} {{end}}{{lsdir "/app"}}{{ls "/sidekick"}}';
  await writeFile(join(folder, "templates/t"), text);
  const args = ["confd", "-onetime", "-backend", "zookeeper", "-confdir", folder];
  const { code, output } = await sidekick(t, [...args, "-node", zookeeper.endpoint]);
  assert.equal(code, 0, output);
  assert.equal(await readFile(dest, "utf8"), "/db /app/name [][]");
});
