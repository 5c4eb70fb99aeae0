import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { eventually, freePort, stretched, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { shortTimeouts, startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";
import { printed, sidekick, startSidekick } from "./sidekick.ts";

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
  await writeFile(target, `${expected}# by hand\n`);
  const other = await sidekick(t, ["render", "--diff", "-c", "sidekick.yaml"], { cwd: folder });
  assert.equal(other.code, 1);
  assert.match(other.output, /^-# by hand$/m);
  const asJson = (...args: string[]) => printed(t, [...args, "--json"], { cwd: folder });
  const [differing, ...rest] = JSON.parse(await asJson("render", "--diff", "-c", "sidekick.yaml"));
  assert.deepEqual([differing, rest], [{ target, diff: other.output, quarantined: [] }, []]);
  const [whole] = JSON.parse(await asJson("render", "-c", "sidekick.yaml"));
  assert.deepEqual(whole, { target, text: expected, quarantined: [] });

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

  const ofConfig = await sidekick(t, ["ls", "-c", "sidekick.yaml", "/services/sweetapp"], {
    cwd: folder,
  });
  assert.equal(ofConfig.output, keys.output);
  const key = "/services/sweetapp/10.253.156.164";
  const { revision, ...one } = JSON.parse(await asJson("get", "-c", "sidekick.yaml", key));
  assert.deepEqual(one, { keyspace: etcd.url, key, value: "10.253.156.164:8811" });
  const listed = JSON.parse(await asJson("ls", "-l", etcd.url, key));
  assert.deepEqual(listed.keys, [{ key, value: "10.253.156.164:8811", revision }]);
  assert.deepEqual([listed.keyspace, listed.unreadable], [etcd.url, []]);
  const bare = JSON.parse(await asJson("ls", etcd.url, key));
  assert.deepEqual(bare.keys, [{ key, revision }]);
});

test("watch --once waits for the keyspace, and no longer than its timeout", async (t) => {
  const [etcd, folder] = [await startEtcd(t), await throwAwayFolder(t)];
  await etcd.etcdctl("put", "/services/web/10.0.0.1:80", "10.0.0.1:80");
  await writeFile(join(folder, "t.hbs"), "{{#each services}}{{name}}{{/each}}");
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: ${etcd.url}\nwatch: { templates: [{ source: t.hbs, target: t }] }\n`,
  );
  await etcd.kill();
  const args = ["watch", "--once", "-c", "sidekick.yaml"];
  const limit = `${Math.ceil(stretched(1000) / 1000)}s`;
  const late = await sidekick(t, [...args, "--timeout", limit], { cwd: folder });
  assert.equal(late.code, 1, late.output);
  assert.match(
    late.output,
    new RegExp(`"failed","message":"the keyspace was not read within ${limit}: .*127\\.0\\.0\\.1`),
  );
  assert.equal(existsSync(join(folder, "t")), false);

  const waiting = startSidekick(t, args, { cwd: folder });
  await eventually("the keyspace is waited for", () => waiting.output().includes("KEYSPACE_"));
  await etcd.restart();
  assert.equal(await waiting.ended, 0);
  assert.equal(await readFile(join(folder, "t"), "utf8"), "web");
});

const haproxyTemplate = (folder: string, port: number) => `global
  stats socket ${folder}/admin.sock mode 660 level admin expose-fd listeners
${shortTimeouts}frontend it
  bind 127.0.0.1:${port}
  http-request return status 200 content-type text/plain string {{getv "/config/version"}}
`;

const nginxTemplate = (folder: string, port: number) => `pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_processes 1;
events {}
http {
  access_log off;
  server { listen 127.0.0.1:${port}; location / { return 200 {{getv "/config/version"}}; } }
}
`;

/** A keyspace with the version v1, and a watcher of a haproxy, an nginx and a list. */
async function proxied(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [port, nginxPort] = [await freePort(), await freePort()];
  const put = (version: string) => writeFile(join(folder, "keys/config/version"), version);
  await mkdir(join(folder, "keys/config"), { recursive: true });
  await put("v1");
  await writeFile(join(folder, "haproxy.hbs"), haproxyTemplate(folder, port));
  await writeFile(join(folder, "nginx.hbs"), nginxTemplate(folder, nginxPort));
  await writeFile(join(folder, "broken.hbs"), "{{nosuch 1}}");
  await writeFile(join(folder, "missing.hbs"), '{{getv "/config/missing"}}');
  await writeFile(join(folder, "list.hbs"), '{{getv "/config/version"}}\n');
  const template = (name: string, more = "") =>
    `    - { source: ${name}.hbs, target: ${name}.cfg, prefixes: [/config]${more} }`;
  const haproxy = `, proxy: { type: haproxy, master: run/master.sock, timeout: ${stretched(2000)}ms }`;
  const nginx = `, proxy: { type: nginx, pidFile: nginx.pid, timeout: ${stretched(2000)}ms }`;
  const once = async (...others: readonly string[]) => {
    const templates = [
      ...others.map((name) => template(name)),
      template("haproxy", haproxy),
      template("nginx", nginx),
      template("list"),
    ];
    const config = ["keyspace: file:./keys", "watch:", "  templates:", ...templates];
    await writeFile(join(folder, "sidekick.yaml"), config.join("\n"));
    return startSidekick(t, ["watch", "--once", "-c", "sidekick.yaml", "--timeout", "2m"], {
      cwd: folder,
    });
  };
  return {
    folder,
    put,
    once,
    served: async (which: number) =>
      (await fetchOnce(`http://127.0.0.1:${which}/`)).body.trim().slice(0, 2),
    ports: { haproxy: port, nginx: nginxPort },
    text: async (name: string) => await readFile(join(folder, `${name}.cfg`), "utf8"),
  };
}

test("watch --once writes the files of proxies that are not running, which then start with them", async (t) => {
  const { folder, once, served, ports, put, text } = await proxied(t);
  const first = await once();
  assert.equal(await first.ended, 0, first.output());
  assert.match(first.output(), /"proxy_not_running".*haproxy\.cfg/);

  await startHaproxy(t, { config: join(folder, "haproxy.cfg") });
  await symlink(folder, join(folder, "run"));
  await startNginx(t, { config: join(folder, "nginx.cfg"), pidFile: join(folder, "nginx.pid") });
  assert.deepEqual([await served(ports.haproxy), await served(ports.nginx)], ["v1", "v1"]);

  await put("v2");
  const second = await once();
  assert.equal(await second.ended, 0, second.output());
  await eventually("haproxy serves v2", async () => (await served(ports.haproxy)) === "v2");
  await eventually("nginx serves v2", async () => (await served(ports.nginx)) === "v2");
  assert.equal(await text("list"), "v2\n");
});

test("watch --once writes all that can be written, and names the templates that fail", async (t) => {
  const { once, text } = await proxied(t);
  const running = await once("broken", "missing");
  assert.equal(await running.ended, 1, running.output());
  assert.match(
    running.output(),
    /"2 of 5 targets are not done\\nbroken\.cfg: broken\.hbs:1:1: there is no helper nosuch\\nmissing\.cfg: missing\.hbs:1:1: getv: the key \/config\/missing does not exist"/,
  );
  assert.equal(await text("list"), "v1\n");
  assert.match(await text("haproxy"), /string v1/);
  assert.match(await text("nginx"), /return 200 v1/);
});

test("watch --once waits for a proxy whose socket cannot be used yet", async (t) => {
  const { folder, once, served, ports, put } = await proxied(t);
  assert.equal(await (await once()).ended, 0);
  await startHaproxy(t, { config: join(folder, "haproxy.cfg") });
  // The socket is where the settings have it only once the file `run` is a link to its folder.
  await writeFile(join(folder, "run"), "");
  await put("v2");
  const running = await once();
  await eventually("haproxy is waited for", () =>
    /"code":"PROXY_UNREACHABLE"/.test(running.output()),
  );
  await rm(join(folder, "run"));
  await symlink(folder, join(folder, "run"));
  assert.equal(await running.ended, 0, running.output());
  await eventually("haproxy serves v2", async () => (await served(ports.haproxy)) === "v2");
});
