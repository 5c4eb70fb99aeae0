import assert from "node:assert/strict";
import { test } from "node:test";
import { startEtcd } from "./etcd.ts";
import { printed, sidekick } from "./sidekick.ts";

test("ls and get show keys of etcd that do not begin with a slash", async (t) => {
  const { url, etcdctl } = await startEtcd(t);
  for (const key of ["services/web/a", "services", "servicesx", "!", "zoo", "/services/web/b"]) {
    await etcdctl("put", key, `value of ${key}`);
  }
  const run = async (...args: string[]) => await sidekick(t, args);
  const keys = await printed(t, ["ls", url]);
  assert.equal(keys, "/services/web/b\n!\nservices\nservices/web/a\nservicesx\nzoo\n");
  const note =
    /^5 keys do not begin with a slash: templates read such keys of the keyspace etcd:.*\?slashless$/m;
  assert.match((await run("ls", url)).output, note);
  const below = await printed(t, ["ls", url, "services"]);
  assert.equal(below, "/services/web/b\nservices\nservices/web/a\n");
  assert.equal((await run("ls", url, "/services")).output, "/services/web/b\n");
  assert.equal((await run("get", url, "services/web/a")).output, "value of services/web/a\n");
  assert.equal((await run("get", url, "services/web/b")).output, "value of /services/web/b\n");
  const { code, output } = await run("get", url, "/services/web/a");
  assert.equal(code, 1);
  assert.match(output, /has no key \/services\/web\/a/);
});

test("with permission for keys with a slash only, these are shown", async (t) => {
  const { url, etcdctl, endpoint } = await startEtcd(t);
  await etcdctl("put", "/services/web/b", "1");
  await etcdctl("put", "services/web/a", "2");
  await etcdctl("user", "add", "root:r");
  await etcdctl("user", "grant-role", "root", "root");
  await etcdctl("role", "add", "reader");
  await etcdctl("role", "grant-permission", "reader", "--prefix=true", "read", "/");
  await etcdctl("user", "add", "ops:secret");
  await etcdctl("user", "grant-role", "ops", "reader");
  await etcdctl("auth", "enable");
  assert.ok(url.endsWith(endpoint));
  const open = `etcd://ops:secret@${endpoint}`;
  assert.equal((await sidekick(t, ["ls", open])).output, "/services/web/b\n");
  assert.equal((await sidekick(t, ["get", open, "services/web/b"])).output, "1\n");
});
