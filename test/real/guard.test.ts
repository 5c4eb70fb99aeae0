import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { never } from "../../lib/base/signal.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import { fetchOnce } from "../support/http.ts";
import { inParallel } from "../support/in-parallel.ts";
import { events } from "../support/log-events.ts";
import {
  eventually,
  freePort,
  type Running,
  stretched,
  throwAwayFolder,
} from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { opening } from "./keyspace.ts";
import { printed, sidekick, startApp, startSidekick } from "./sidekick.ts";

/** An etcd and a watcher that writes a line for each service: the addresses of its instances, retained ones with `?`. */
async function listing(t: TestContext, settings: string) {
  const etcd = await startEtcd(t);
  const folder = await throwAwayFolder(t);
  const target = join(folder, "out.txt");
  await writeFile(
    join(folder, "list.hbs"),
    "{{#each services}}{{name}}{{#if retained}}?{{/if}}:{{#each instances}} {{address}}{{#if retained}}?{{/if}}{{/each}}\n{{/each}}",
  );
  await writeFile(
    join(folder, "watch.yaml"),
    `keyspace: ${etcd.url}
watch:
  ${settings}
  snapshotCache: cache
  templates: [{ source: list.hbs, target: out.txt }]
`,
  );
  return {
    etcd,
    target,
    cache: join(folder, "cache"),
    /** Registers instances at these addresses; resolves with their session. */
    register: async (entries: Iterable<readonly [service: string, address: string]>) => {
      const session = await (await opening(t, etcd.url)).open(60_000, never);
      // Each has a time limit, which a thousand at once would exceed on a busy machine.
      await inParallel(entries, 64, async ([service, address]) => {
        await session.put(`/services/${service}/${address}`, address, never);
      });
      return session;
    },
    watch: () => startSidekick(t, ["watch", "-c", "watch.yaml"], { cwd: folder }),
    status: async () => {
      const report = await printed(t, ["status", "--json", "-c", "watch.yaml"], { cwd: folder });
      return JSON.parse(report) as StatusReport;
    },
    statusText: () => sidekick(t, ["status", "-c", "watch.yaml"], { cwd: folder }),
    lines: async () => (await readFile(target, "utf8")).split("\n").filter(Boolean),
  };
}

const services = Array.from({ length: 50 }, (_, i) => `s${String(i).padStart(2, "0")}`);

/** Addresses of each of the 50 services. */
function* instances(from: number, to: number): Generator<readonly [string, string]> {
  for (const service of services) {
    for (let n = from; n < to; n += 1) yield [service, `10.0.0.${n}:80`];
  }
}

const line = (service: string, from: number, to: number, mark: (n: number) => string = () => "") =>
  `${service}: ${Array.from({ length: to - from }, (_, i) => `10.0.0.${from + i}:80${mark(from + i)}`).join(" ")}`;

const count = (running: Running, event: string) =>
  events(running).filter((one) => one.event === event).length;

test("50 services lose 80 % of their instances, then all: lost instances are retained for the configured time", async (t) => {
  const world = await listing(t, `guard: { retain: ${stretched(8000)}ms }`);
  const most = await world.register(instances(10, 18));
  const rest = await world.register(instances(18, 20));
  const running = world.watch();
  const whole = services.map((service) => line(service, 10, 20));
  await eventually(
    "all instances are in the file",
    async () => (await world.lines()).join() === whole.join(),
  );

  await most.close();
  const retained = await eventually("the loss is retained in all services", async () => {
    const { retained = [] } = (await world.status()).watch ?? {};
    return retained.length === 50 && retained;
  });
  const [first] = retained;
  assert.deepEqual([first?.service, first?.retained, first?.live], ["s00", 8, 2]);
  const withRetained = services.map((service) =>
    line(service, 10, 20, (n) => (n < 18 ? "?" : "")).replace(":", "?:"),
  );
  await eventually(
    "the retained instances are in the file",
    async () => (await world.lines()).join() === withRetained.join(),
  );
  const { output } = await world.statusText();
  assert.match(
    output,
    /^retained {4}s49: 8 lost instances are retained by the mass-loss guard for /m,
  );
  await world.etcd.etcdctl("put", "/services/s07/new", "10.0.0.9:80");
  await eventually("a new instance is in the file", async () =>
    (await world.lines())[7]?.endsWith(" 10.0.0.9:80"),
  );
  await world.etcd.etcdctl("del", "/services/s07/new");

  const left = services.map((service) => line(service, 18, 20));
  await eventually("retention has ended", async () => (await world.lines()).join() === left.join());
  assert.deepEqual(
    [count(running, "instances_retained"), count(running, "retention_ended")],
    [50, 50],
  );

  await rest.close();
  await eventually(
    "the loss of all instances is retained",
    async () => count(running, "instances_retained") === 100,
  );
  await world.register(instances(10, 20));
  await eventually(
    "all instances are back",
    async () => (await world.lines()).join() === whole.join(),
  );
  await eventually("nothing is retained", () => count(running, "retention_ended") === 100);
});

test("a watcher that starts while the keyspace is unreachable uses the cached snapshot and reports that", async (t) => {
  const world = await listing(t, `guard: { retain: ${stretched(5000)}ms }`);
  await world.register(instances(10, 13));
  const first = world.watch();
  const whole = services.map((service) => line(service, 10, 13)).join();
  await eventually(
    "all instances are in the file",
    async () => (await world.lines()).join() === whole,
  );
  await eventually("they are in the cache", async () =>
    (await readFile(world.cache, "utf8")).includes('"/services/s49/10.0.0.12:80"'),
  );
  assert.equal(await first.stop(), 0);
  await world.etcd.kill();
  await rm(world.target);

  const second = world.watch();
  await eventually("the file is written", async () => (await world.lines()).join() === whole);
  assert.equal(count(second, "snapshot_cache_used"), 1);
  const report = await world.status();
  assert.equal(report.keyspace.reachable, false);
  assert.match(report.watch?.cachedSnapshot?.savedAt ?? "", /^\d{4}-\d\d-\d\dT/);
  const { code, output } = await world.statusText();
  assert.equal(code, 3, "the watcher is degraded, and not unhealthy");
  assert.match(output, /the cached snapshot of 20\d\d-/);
  assert.match(output, / unreachable for /);

  // If the keyspace comes back empty, that is a loss like any other.
  await world.etcd.restart({ wiped: true });
  await eventually(
    "the loss is retained in all services",
    () => count(second, "instances_retained") === 50,
  );
  await eventually("the retained instances are in the file", async () =>
    (await world.lines())[0]?.startsWith("s00?: 10.0.0.10:80? 10.0.0.11:80?"),
  );
  assert.equal((await world.status()).watch?.cachedSnapshot, undefined);
  await world.register(instances(10, 13));
  await eventually(
    "nothing in the file is retained",
    async () => (await world.lines()).join() === whole,
  );
  assert.equal(await second.stop(), 0);

  await world.etcd.kill();
  await rm(world.target);
  const text = await readFile(world.cache, "utf8");
  await writeFile(world.cache, text.replace("10.0.0.10:80", "10.0.6.6:80"));
  const third = world.watch();
  await eventually(
    "the damaged cache is rejected",
    () => count(third, "snapshot_cache_rejected") === 1,
  );
  await eventually("the keyspace is unreachable", () => count(third, "fault") > 0);
  await assert.rejects(readFile(world.target), /ENOENT/);
});

test("one invalid entry among 1 000 is quarantined and does not affect the others", async (t) => {
  const world = await listing(t, "guard: { retain: 5s }");
  const all = Array.from(
    { length: 1000 },
    (_, i) => ["web", `10.0.${i >> 8}.${i & 255}:80`] as const,
  );
  await world.register(all);
  const running = world.watch();
  const listed = async () => (await world.lines())[0]?.split(" ").slice(1) ?? [];
  await eventually("all instances are in the file", async () => (await listed()).length === 1000);
  const key = "/services/web/10.0.1.7:80";
  await world.etcd.etcdctl("put", key, "10.0.1.7:80; } server { listen 81");
  await eventually("one is quarantined", async () => (await listed()).length === 999);
  assert.ok(!(await listed()).includes("10.0.1.7:80"));
  assert.equal((await world.status()).watch?.quarantined[0]?.key, key);
  await world.etcd.etcdctl("put", "/services/web/10.9.9.9:80", "10.9.9.9:80");
  await eventually("a new instance is listed", async () =>
    (await listed()).includes("10.9.9.9:80"),
  );
  await world.etcd.etcdctl("put", key, "10.0.1.7:80");
  await eventually("the corrected entry is listed", async () => (await listed()).length === 1001);
  assert.deepEqual([count(running, "instances_retained"), count(running, "quarantined")], [0, 1]);
});

test("haproxy serves after the watcher and haproxy have restarted while the keyspace is down", async (t) => {
  const [etcd, folder, port] = [await startEtcd(t), await throwAwayFolder(t), await freePort()];
  const app = await startApp(t, "one");
  const target = join(folder, "haproxy.cfg");
  await writeFile(
    join(folder, "watch.yaml"),
    `keyspace: ${etcd.url}
watch:
  snapshotCache: cache
  templates:
    - source: haproxy.cfg.hbs
      target: ${target}
      check: [haproxy, -c, -f, "{candidate}"]
      proxy: { type: haproxy, master: ${join(folder, "master.sock")} }
`,
  );
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    HAPROXY_MAXCONN: "200",
  };
  const watch = () => startSidekick(t, ["watch", "-c", "watch.yaml"], { cwd: folder, env });
  const answer = async () => (await fetchOnce(`http://127.0.0.1:${port}/`)).body;
  const address = `127.0.0.1:${app.port}`;
  await etcd.etcdctl("put", `/services/web/${address}`, address);
  const first = watch();
  await eventually("the instance is in the file", async () =>
    (await readFile(target, "utf8")).includes(address),
  );
  const before = await startHaproxy(t, { config: target });
  await eventually("it is served", async () => (await answer()) === "one");
  await eventually("the instance is in the cache", async () =>
    (await readFile(join(folder, "cache"), "utf8")).includes(address),
  );
  await first.stop();
  await before.process.stop();
  await etcd.kill();
  await rm(target);

  watch();
  await eventually("the file is written", async () =>
    (await readFile(target, "utf8")).includes(address),
  );
  await startHaproxy(t, { config: target });
  await eventually("it is served again", async () => (await answer()) === "one");
});
