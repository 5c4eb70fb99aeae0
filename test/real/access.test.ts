import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { never } from "../../lib/base/signal.ts";
import { events } from "../support/log-events.ts";
import { eventually, outputOf, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { isFault, opening } from "./keyspace.ts";
import { printed, startSidekick } from "./sidekick.ts";
import { zkCliCommand } from "./zkcli.ts";
import { startZookeeper } from "./zookeeper.ts";

/** A store, in which every request needs a right once `close` has resolved. */
interface Store {
  readonly url: string;
  /** The environment of the printed commands. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<unknown>;
}

const stores: Readonly<Record<string, (t: TestContext, folder: string) => Promise<Store>>> = {
  etcd: async (t) => {
    const { url, endpoint, etcdctl } = await startEtcd(t);
    await etcdctl("user", "add", "root:rootpw");
    await etcdctl("user", "grant-role", "root", "root");
    return {
      url,
      env: { ETCDCTL_ENDPOINTS: endpoint },
      close: () => etcdctl("auth", "enable"),
    };
  },
  zookeeper: async (t, folder) => {
    const { url, endpoint } = await startZookeeper(t);
    const command = join(folder, "zkCli.sh");
    await writeFile(command, `#!/bin/sh\nexec ${zkCliCommand.join(" ")} "$@"\n`);
    await chmod(command, 0o755);
    await writeFile(join(folder, "admin.password"), "adminpw\n");
    const path = `${folder}:${process.env.PATH ?? ""}`;
    return { url, env: { ZOOKEEPER: endpoint, PATH: path }, close: async () => {} };
  },
};

/** Makes a key in a folder as docs/trust.md has it, and returns the public one. */
async function publicKeyIn(cwd: string): Promise<string> {
  await outputOf(["openssl", "genpkey", "-algorithm", "ed25519", "-out", "web.pem"], { cwd });
  return (
    await outputOf(["sh", "-c", "openssl pkey -in web.pem -pubout | sed -n 2p"], { cwd })
  ).trim();
}

for (const [kind, open] of Object.entries(stores)) {
  test(`${kind}: with the printed rights agents register, hand over and are served, and cannot write elsewhere`, async (t) => {
    const folder = await throwAwayFolder(t);
    const store = await open(t, folder);
    for (const user of ["web-agents", "proxies"])
      await writeFile(join(folder, `${user}.password`), `${user}-pw\n`);
    const grant = async (...options: string[]) => {
      const script = await printed(t, ["access", kind, ...options], { cwd: folder });
      await outputOf(["sh", "-c", script], { cwd: folder, env: store.env });
    };
    await grant("--service", "web", "--user", "web-agents");
    await grant("--watcher", "--user", "proxies");
    await store.close();

    const keyspaceOf = (user: string) =>
      `{ url: "${store.url}", user: ${user}, passwordFile: ${user}.password }`;
    const service = "{ name: web, host: 10.0.0.1, port: 80 }";
    await writeFile(join(folder, "list.hbs"), "{{#each (instances 'web')}}{{id}}\n{{/each}}");
    await writeFile(
      join(folder, "presence.yaml"),
      `keyspace: ${keyspaceOf("web-agents")}\npresence: { sign: { key: web.pem, id: web }, ttl: 30s, drainDelay: 0ms, waitServed: true, services: [${service}] }\n`,
    );
    await writeFile(
      join(folder, "watch.yaml"),
      `keyspace: ${keyspaceOf("proxies")}\nwatch: { snapshotCache: false, trust: { keys: { web: { public: ${await publicKeyIn(folder)}, services: [web] } } }, templates: [{ source: list.hbs, target: list }] }\n`,
    );
    const run = (name: string, socket: string) =>
      startSidekick(t, [name, "-c", `${name}.yaml`], {
        cwd: folder,
        env: { SIDEKICK_STATUS_SOCKET: join(folder, socket) },
      });
    const logged = (agent: ReturnType<typeof run>, event: string) =>
      events(agent).some((one) => one.event === event);
    const list = () => readFile(join(folder, "list"), "utf8").catch(() => "");
    const watcher = run("watch", "watch.sock");
    const first = run("presence", "first.sock");
    await eventually("it is in the file", async () => (await list()) === "10.0.0.1:80\n");
    await eventually("the first agent knows that it is served", () => logged(first, "served"));
    const second = run("presence", "second.sock");
    await eventually("the second one stands by", () => logged(second, "standby"));
    assert.equal(await first.stop("SIGTERM"), 0, first.output());
    assert.ok(logged(first, "handed_over"), first.output());
    assert.equal(await second.stop("SIGTERM"), 0, second.output());
    await eventually("it is gone", async () => (await list()) === "");
    assert.ok(!events(second).some(({ event }) => event === "drain_unacknowledged"));
    assert.equal(await watcher.stop("SIGTERM"), 0, watcher.output());
    for (const agent of [watcher, first, second]) {
      const denied = events(agent).filter(({ event, code }) => event === "fault" || code);
      assert.deepEqual(denied, []);
    }

    const as = (user: string) => opening(t, { url: store.url, user, password: `${user}-pw` });
    const session = await (await as("web-agents")).open(5000, never);
    for (const key of ["/services/payments/x", "/sidekick/watchers/x", "/sidekick/turns/x"]) {
      const put = session.put(key, "10.0.0.9:1", never);
      await assert.rejects(put, isFault("KEYSPACE_PERMISSION_DENIED"), key);
    }
    await session.put("/services/web/x", "10.0.0.9:1", never);
    const other = await (await as("proxies")).open(5000, never);
    const put = other.put("/services/web/y", "10.0.0.9:1", never);
    await assert.rejects(put, isFault("KEYSPACE_PERMISSION_DENIED"));
    await Promise.all([session.close(), other.close()]);
  });
}
