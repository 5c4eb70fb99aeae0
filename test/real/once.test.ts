import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { sidekick } from "./sidekick.ts";

const template = [
  "upstream sweetapp_pool {",
  '{{#each (getvs "/services/sweetapp/*")}}',
  "    server {{this}};",
  "{{/each}}",
  "}",
  "",
].join("\n");

test("watch --once renders the usual confd template from a real etcd", async (t) => {
  const [etcd, folder] = [await startEtcd(t), await throwAwayFolder(t)];
  await etcd.etcdctl("put", "/services/sweetapp/10.253.156.164", "10.253.156.164:8811");
  await etcd.etcdctl("put", "/services/sweetapp/10.253.156.165", "10.253.156.165:8810");
  await etcd.etcdctl("put", "/services/sweetapp-2/10.253.156.1", "10.253.156.1:1");
  const target = join(folder, "sweetapp.conf");
  await writeFile(join(folder, "sweetapp.conf.hbs"), template);
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${etcd.url}\nwatch: { templates: [{ source: sweetapp.conf.hbs, target: ${target} }] }\n`,
  );
  const expected = [
    "upstream sweetapp_pool {",
    "    server 10.253.156.164:8811;",
    "    server 10.253.156.165:8810;",
    "}",
    "",
  ].join("\n");

  const rendered = await sidekick(t, ["render", "-c", "sidekick.yaml"], { cwd: folder });
  assert.deepEqual(rendered, { code: 0, output: expected });
  assert.equal(existsSync(target), false, "render writes no file");
  const once = await sidekick(t, ["watch", "--once", "-c", "sidekick.yaml"], { cwd: folder });
  assert.equal(once.code, 0, once.output);
  assert.equal(await readFile(target, "utf8"), expected);
  const diff = await sidekick(t, ["render", "--diff", "-c", "sidekick.yaml"], { cwd: folder });
  assert.deepEqual(diff, { code: 0, output: "" });

  const keys = await sidekick(t, ["ls", etcd.url, "/services/sweetapp"]);
  assert.equal(
    keys.output,
    "/services/sweetapp/10.253.156.164\n/services/sweetapp/10.253.156.165\n",
  );
  const value = await sidekick(t, ["get", etcd.url, "/services/sweetapp/10.253.156.164"]);
  assert.deepEqual(value, { code: 0, output: "10.253.156.164:8811\n" });
  const none = await sidekick(t, ["get", etcd.url, "/nothing"]);
  assert.equal(none.code, 1);
  assert.match(none.output, /^sidekick: etcd:\/\/.* has no key \/nothing\n$/);
});

test("watch --once reports an unreachable keyspace and exits with 1", async (t) => {
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "t.hbs"), "");
  await writeFile(
    join(folder, "sidekick.yaml"),
    "keyspace: etcd://127.0.0.1:1\nwatch: { templates: [{ source: t.hbs, target: t }] }\n",
  );
  const { code, output } = await sidekick(t, ["watch", "--once", "-c", "sidekick.yaml"], {
    cwd: folder,
  });
  assert.equal(code, 1);
  const { event, message } = JSON.parse(output);
  assert.equal(event, "failed");
  assert.match(message, /127\.0\.0\.1:1/);
  assert.equal(existsSync(join(folder, "t")), false);
});
