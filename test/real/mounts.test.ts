import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../lib/base/signal.ts";
import type { Fleet } from "../../lib/overview/fleet-contract.ts";
import { fetchOnce } from "../support/http.ts";
import { events } from "../support/log-events.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { opening } from "./keyspace.ts";
import { printed, startApp, startSidekick } from "./sidekick.ts";
import { startZookeeper } from "./zookeeper.ts";

test("haproxy serves the instances of etcd and of a mounted ZooKeeper, whichever of them is down", async (t) => {
  const folder = await throwAwayFolder(t);
  const [etcd, zookeeper, port] = [await startEtcd(t), await startZookeeper(t), await freePort()];
  const [one, two, three] = [
    await startApp(t, "one"),
    await startApp(t, "two"),
    await startApp(t, "three"),
  ];
  const address = (app: { readonly port: number }) => `127.0.0.1:${app.port}`;
  const [config, database] = [join(folder, "haproxy.cfg"), join(folder, "db.txt")];
  await writeFile(join(folder, "db.hbs"), '{{#each (instances "db")}}{{address}}\n{{/each}}');
  await writeFile(
    join(folder, "watch.yaml"),
    [
      `keyspace: ${etcd.url}`,
      `mounts: { /legacy: "${zookeeper.url}" }`,
      "watch:",
      "  sources:",
      "    web: [/services/web, /legacy/airbnb/web/services]",
      "    db: { first: [/legacy/airbnb/db/services, /standby/db] }",
      "  templates:",
      "    - source: haproxy.cfg.hbs",
      `      target: ${config}`,
      "      prefixes: [/services/web, /legacy/airbnb/web/services]",
      '      check: [haproxy, -c, -f, "{candidate}"]',
      `      proxy: { type: haproxy, master: ${join(folder, "master.sock")} }`,
      "    - source: db.hbs",
      `      target: ${database}`,
      "      prefixes: [/legacy/airbnb/db/services, /standby/db]",
    ].join("\n"),
  );
  const legacy = await (await opening(t, zookeeper.url)).open(60_000, never);
  await legacy.put("/airbnb/web/services/i-2", address(two), never);
  await legacy.put("/airbnb/db/services/p", "10.0.0.1:5432", never);
  await etcd.etcdctl("put", "/services/web/i-1", address(one));
  await etcd.etcdctl("put", "/standby/db/s", "10.0.0.2:5432");
  await zookeeper.kill();

  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    HAPROXY_MAXCONN: "200",
  };
  const options = { cwd: folder, env };
  const watching = startSidekick(t, ["watch", "-c", "watch.yaml"], options);
  const text = (path: string) => readFile(path, "utf8").catch(() => "");
  const becomes = (what: string, path: string, isSo: (text: string) => boolean) =>
    eventually(what, async () => isSo(await text(path)) || undefined);
  const status = async () =>
    JSON.parse(await printed(t, ["status", "-c", "watch.yaml", "--json"], options));
  const isReachable = async () => (await status()).mounts?.[0]?.reachable;

  await becomes("the fall-back is used", database, (is) => is === "10.0.0.2:5432\n");
  assert.equal(
    await text(config),
    "",
    "instances of a keyspace that was never reached are no removed ones",
  );
  assert.ok(events(watching).some(({ event }) => event === "keyspace_not_read"));
  assert.equal(await isReachable(), false);

  await zookeeper.restart();
  await becomes("both are in the file", config, (is) =>
    [one, two].every((app) => is.includes(address(app))),
  );
  await becomes("the first folder is used", database, (is) => is === "10.0.0.1:5432\n");
  await startHaproxy(t, { config });
  const answering = async () => {
    const names = new Set<string>();
    for (let i = 0; i < 9; i += 1) {
      const { status, body } = await fetchOnce(`http://127.0.0.1:${port}/`);
      names.add(status === 200 ? body : String(status));
    }
    return [...names].sort().join(" ");
  };
  const reaches = (expected: string) =>
    eventually(
      `traffic reaches ${expected}`,
      async () => (await answering()) === expected || undefined,
    );
  await reaches("one two");
  const watchers = ["ls", "-c", "watch.yaml"];
  for (const place of ["/sidekick/watchers", "/legacy/sidekick/watchers"]) {
    const own = new RegExp(`^${place}/\\S+\n$`);
    await eventually(`the watcher has an entry below ${place}`, async () =>
      own.test(await printed(t, [...watchers, place], options)),
    );
  }

  const fleet = async () => {
    const output = await printed(t, ["fleet", "-c", "watch.yaml", "--json"], options);
    return JSON.parse(output) as Fleet;
  };
  const agreed = await eventually("the fleet is one watcher of both keyspaces", async () => {
    const known = await fleet();
    return known.isAgreed && known.watchers.length === 1 && known;
  });
  const [own] = agreed.watchers;
  assert.deepEqual(own?.files.map(({ target }) => target).toSorted(), [database, config].sort());
  assert.ok(own?.prefixes.includes("/services/web"));
  assert.ok(own?.prefixes.includes("/legacy/airbnb/web/services"));

  await zookeeper.kill();
  const { isAgreed, unread, watchers: left } = await fleet();
  assert.deepEqual([isAgreed, unread?.map(({ folder }) => folder)], [false, ["/legacy"]]);
  assert.equal(left.length, 1);
  await etcd.etcdctl("put", "/services/web/i-3", address(three));
  await reaches("one three two");
  assert.equal(await isReachable(), false);

  await etcd.kill();
  await zookeeper.restart();
  await eventually("the entry is removed", () =>
    legacy.remove("/airbnb/web/services/i-2", AbortSignal.timeout(5000)).then(
      () => true,
      () => undefined,
    ),
  );
  await reaches("one three");
  await etcd.restart();
  await eventually("all are in sync", async () => (await status()).degraded === false || undefined);
  assert.equal(await answering(), "one three");
});
