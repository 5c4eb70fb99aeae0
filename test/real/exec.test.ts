import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { events } from "../support/log-events.ts";
import {
  atEnd,
  childrenOf,
  eventually,
  freePort,
  type Running,
  start,
  throwAwayFolder,
} from "../support/process.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import { main, startSidekick } from "./sidekick.ts";

/** An application that sidekick runs, and registers as an instance of `web`. */
async function startApplication(t: TestContext, etcd: Etcd, folder: string, name: string) {
  const port = await freePort();
  const checks = [{ type: "tcp", interval: "100ms", rise: 1 }];
  const services = [{ name: "web", host: "127.0.0.1", port, checks }];
  // The instance gets its name from a key.
  const env = { INSTANCE: `{{getv "/names/${name}"}}` };
  const run = ["sh", "-c", `exec "$@" demo-app "$INSTANCE" ${port}`, "sh", ...main];
  const config = {
    keyspace: etcd.url,
    presence: { drainDelay: "200ms", services },
    exec: { run, env },
  };
  await writeFile(join(folder, `${name}.yaml`), JSON.stringify(config));
  const agent = endingPrograms(
    t,
    startSidekick(t, ["exec", "-c", `${name}.yaml`], { cwd: folder }),
  );
  const happened = () => events(agent).map(({ event }) => event);
  const child = () => events(agent).find(({ event }) => event === "program_started")?.pid as number;
  return { agent, port, happened, child };
}

/** haproxy, as sidekick runs it with the file that it renders. */
async function startProxy(t: TestContext, etcd: Etcd, folder: string) {
  const [port, master] = [await freePort(), join(folder, "master.sock")];
  const template = { source: "haproxy.cfg.hbs", target: "haproxy.cfg" };
  const check = ["haproxy", "-c", "-f", "{candidate}"];
  const templates = [{ ...template, check, proxy: { type: "haproxy" } }];
  await writeFile(
    join(folder, "proxy.yaml"),
    JSON.stringify({ keyspace: etcd.url, watch: { templates } }),
  );
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    HAPROXY_MAXCONN: "200",
  };
  const program = ["--", "haproxy", "-W", "-S", master, "-f", "haproxy.cfg"];
  const started = startSidekick(t, ["exec", "-c", "proxy.yaml", ...program], { cwd: folder, env });
  const agent = endingPrograms(t, started);
  return { agent, url: `http://127.0.0.1:${port}/`, logged: () => events(agent) };
}

/** The programs of agents have process groups of their own, which outlive an agent that is killed when the test fails. */
function endingPrograms(t: TestContext, agent: Running): Running {
  atEnd(t, () => {
    for (const { event, pid } of events(agent)) {
      if (event === "program_started") killGroup(Number(pid));
    }
  });
  return agent;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

test("sidekick exec: an application is drained before it is stopped, and its death is noticed at once", async (t) => {
  const [etcd, folder] = [await startEtcd(t), await throwAwayFolder(t)];
  await etcd.etcdctl("put", "/names/one", "1");
  await etcd.etcdctl("put", "/names/two", "2");
  const proxy = await startProxy(t, etcd, folder);
  const one = await startApplication(t, etcd, folder, "one");
  const two = await startApplication(t, etcd, folder, "two");
  const answers = async () => (await fetchOnce(proxy.url).catch(() => undefined))?.body;
  for (const name of ["1", "2"])
    await eventually(`${name} is served`, async () => (await answers()) === name);
  const isVerified = () => proxy.logged().some(({ event }) => event === "applied");
  await eventually("haproxy was verified", isVerified);

  await t.test(
    "haproxy starts with its file, and is changed at run time by the socket of its -S",
    async () => {
      const order = proxy.logged().map(({ event }) => event);
      assert.ok(order.indexOf("file_written") < order.indexOf("program_started"), order.join());
    },
  );

  await t.test(
    "SIGTERM: no request fails, and the exit code is that of the application",
    async () => {
      // No client or proxy repeats a POST that was sent.
      const requests = [1, 2].map(() => keepRequesting(proxy.url, { method: "POST" }));
      await eventually("requests are answered", () => requests.every((all) => all.answered() > 20));
      const code = await one.agent.stop();
      const before = requests.map((all) => all.answered());
      await eventually("requests go on", () =>
        requests.every((all, i) => all.answered() > (before[i] ?? 0) + 20),
      );
      const failures = (await Promise.all(requests.map((all) => all.stop()))).flat();
      assert.deepEqual(failures, []);
      assert.match(proxy.agent.output(), /"applied":"adjusted /);
      const stop = ["shutting_down", "drain_started", "drain_ended", "program_stopped", "stopped"];
      assert.deepEqual(
        one.happened().filter((event) => stop.includes(event)),
        stop,
      );
      const ended = events(one.agent).find(({ event }) => event === "program_stopped");
      assert.equal(code, ended?.code);
    },
  );

  await t.test("SIGKILL of the application: its entry is removed without a check", async () => {
    process.kill(two.child(), "SIGKILL");
    assert.equal(await two.agent.ended, 137);
    assert.equal((await etcd.etcdctl("get", "--prefix", "/services/")).trim(), "");
    assert.equal(two.happened().includes("drain_started"), false, "there is nothing to drain");
    assert.doesNotMatch(two.agent.output(), /"verdict":"down","before":"up"/);
  });

  await t.test("a second SIGTERM ends sidekick and its program at once", async () => {
    const script = "trap '' TERM; echo ready; while :; do sleep 0.1; done";
    await writeFile(
      join(folder, "stubborn.yaml"),
      `{ keyspace: "${etcd.url}", exec: { run: [sh, -c, "${script}"] } }`,
    );
    const stubborn = startSidekick(t, ["exec", "-c", "stubborn.yaml"], { cwd: folder });
    await eventually("it runs", () => stubborn.stdout().includes("ready"));
    const [child = 0] = await childrenOf(stubborn.pid);
    atEnd(t, () => killGroup(child));
    process.kill(stubborn.pid, "SIGTERM");
    await eventually("it stops", () => stubborn.output().includes("shutting_down"));
    assert.equal(await stubborn.stop(), 1);
    await eventually("its program has ended", async () => {
      const stat = await readFile(`/proc/${child}/stat`, "utf8").catch(() => ") Z");
      return /\) [ZX]/.test(stat);
    });
    assert.equal(await proxy.agent.stop(), 0);
  });
});

test("sidekick env becomes the program: process id, signals and streams are as without it", async (t) => {
  const folder = await throwAwayFolder(t);
  const config = { keyspace: "yaml:./keys.yaml", exec: { env: { HOST: '{{getv "/db/host"}}' } } };
  await writeFile(join(folder, "sidekick.yaml"), JSON.stringify(config));
  await writeFile(join(folder, "keys.yaml"), "/db/host: it's $HOME\n");
  const script =
    'echo "$$ $HOST"; grep -h -e SigIgn -e SigBlk -e flags /proc/self/status /proc/self/fdinfo/[012]; kill -TERM $$';
  const program = ["sh", "-c", script];
  const running = startSidekick(t, ["env", "-c", "sidekick.yaml", "--", ...program], {
    cwd: folder,
  });
  assert.equal(await running.ended, null);
  assert.equal(running.child.signalCode, "SIGTERM");
  const plain = start(t, program, { env: { HOST: "it's $HOME" } });
  await plain.ended;
  const [head, ...facts] = running.stdout().split("\n");
  assert.equal(head, `${running.pid} it's $HOME`);
  assert.deepEqual(facts, plain.stdout().split("\n").slice(1));
});
