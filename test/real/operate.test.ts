import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusReport } from "../../lib/status/contract.ts";
import { fetchOnce } from "../support/http.ts";
import { events } from "../support/log-events.ts";
import { eventually, freePort, type Running, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { type App, printed, sidekick, startApp, startSidekick } from "./sidekick.ts";

/** Two applications behind haproxy, of which one agent registers both, with an operator's command line. */
async function scene(t: TestContext) {
  const [etcd, folder, port] = [await startEtcd(t), await throwAwayFolder(t), await freePort()];
  const [one, two] = [await startApp(t, "one"), await startApp(t, "two")];
  const [master, target] = [join(folder, "master.sock"), join(folder, "haproxy.cfg")];
  const check = join(folder, "check");
  await writeFile(check, "#!/bin/sh\ntest ! -e refuse\n");
  await chmod(check, 0o755);
  const service = ({ name, port }: App) => ({
    ...{ name: "web", host: "127.0.0.1", port, instance: name, weight: 10 },
    checks: [{ type: "tcp", interval: "100ms", rise: 1 }],
  });
  const presence = { drainDelay: "200ms", services: [one, two].map(service) };
  const template = { source: "haproxy.cfg.hbs", target, check: [check, "{candidate}"] };
  const watch = { templates: [{ ...template, proxy: { type: "haproxy", master } }] };
  const keyspace = etcd.url;
  await writeFile(join(folder, "presence.yaml"), JSON.stringify({ keyspace, presence }));
  await writeFile(join(folder, "watch.yaml"), JSON.stringify({ keyspace, watch }));
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    HAPROXY_MAXCONN: "200",
  };
  const options = { cwd: folder, env };
  const begin = () => startSidekick(t, ["presence", "-c", "presence.yaml"], options);
  const watcher = startSidekick(t, ["watch", "-c", "watch.yaml"], options);
  const call = (command: string, ...args: readonly string[]) =>
    sidekick(t, [command, "-c", "presence.yaml", ...args], options);
  const status = async () =>
    JSON.parse(
      await printed(t, ["status", "-c", "presence.yaml", "--json"], options),
    ) as StatusReport;
  /** The weight in etcd, by the port of the application; undefined if it is not registered. */
  const weightOf = async ({ port }: App) => {
    const value = await etcd.etcdctl(
      "get",
      "--print-value-only",
      `/services/web/127.0.0.1:${port}`,
    );
    return value === "" ? undefined : (JSON.parse(value).weight as number);
  };
  const becomes = (app: App, weight: number | undefined) =>
    eventually(`${app.name} has weight ${weight}`, async () => (await weightOf(app)) === weight);
  const nameOf = ({ port }: App) => `web/127.0.0.1:${port}`;
  const agent = begin();
  await eventually("the file is written", () => events(watcher).some(isEvent("file_written")));
  const haproxy = await startHaproxy(t, { config: target });
  await Promise.all([one, two].map((app) => becomes(app, 10)));
  /** The weights of the servers of haproxy, by address. */
  const served = async () => {
    const lines = (await haproxy.send(env.HAPROXY_SOCKET, "show servers state")).split("\n");
    const weights = [one, two].map(({ port }) => {
      const fields = lines.find((line) => line.includes(` ${port} `))?.split(" ");
      return fields && Number(fields[7]);
    });
    return weights;
  };
  const serves = (...weights: readonly number[]) =>
    eventually(`haproxy has the weights ${weights}`, async () => {
      return String(await served()) === String(weights);
    });
  await serves(10, 10);
  await eventually("no reload is under way", () => {
    const last = events(watcher).findLast(({ event }) => /^(file_written|applied)$/.test(event));
    return last?.event === "applied";
  });
  const url = `http://127.0.0.1:${port}/`;
  const get = async () => (await fetchOnce(url)).body;
  return {
    folder,
    agent,
    begin,
    watcher,
    haproxy,
    one,
    two,
    call,
    status,
    becomes,
    nameOf,
    serves,
    get,
  };
}

const isEvent = (name: string) => (one: { readonly event: string }) => one.event === name;

/** The events of drains in a log. */
const drains = (agent: Running) =>
  events(agent).filter(({ event }) => /^(drain|requested)_/.test(event));

test("drain, undrain and weight reach etcd and haproxy, and outlive a restart of the agent", async (t) => {
  const { agent, begin, one, two, call, status, becomes, nameOf, serves, get } = await scene(t);
  const name = nameOf(one);
  const none = await call("drain");
  assert.equal(none.code, 2);
  assert.match(none.output, /nothing was done: name instances, or use --all for all of web\//);
  assert.match(none.output, new RegExp(`${name}.*${nameOf(two)}`));

  const weighed = await call("weight", nameOf(two), "20");
  assert.deepEqual(weighed, {
    code: 0,
    output: `${nameOf(two)} is registered with weight 20\n`,
  });
  await serves(10, 20);
  const [, second] = (await status()).presence?.instances ?? [];
  assert.equal(second?.requestedWeight?.weight, 20);

  // In the middle of a drain, which does not end before the next agent runs, the agent is killed and started again.
  const draining = call("drain", name, "--for", "1h");
  await becomes(one, 0);
  await serves(0, 20);
  await eventually("it is logged", () => drains(agent).some(isEvent("drain_started")));
  agent.child.kill("SIGKILL");
  await agent.ended;
  assert.match((await draining).output, /stopped before it answered/);
  const next = begin();
  await eventually("it is restored", () => drains(next).some(isEvent("requested_restored")));
  await eventually("the next agent keeps it draining", async () => {
    const { presence } = await status();
    return presence?.instances[0]?.registered && presence.instances[0].drain?.reason === "request";
  });
  await becomes(one, 0);
  const drained = await call("drain", name, "--for", "0s");
  assert.deepEqual(drained, { code: 0, output: `${name} is drained and deregistered\n` });
  await becomes(one, undefined);
  const [first] = (await status()).presence?.instances ?? [];
  assert.deepEqual(
    [first?.verdict, first?.registered, first?.drain?.reason],
    ["up", false, "request"],
  );
  await eventually("the other one keeps its weight", async () => {
    const { presence } = await status();
    return (
      presence?.instances[1]?.registered && presence.instances[1].requestedWeight?.weight === 20
    );
  });
  await becomes(two, 20);
  assert.equal(await get(), "two");

  const undrained = await call("undrain", name);
  assert.deepEqual(undrained, { code: 0, output: `${name} is registered with weight 10\n` });
  await serves(10, 20);
  const zero = await call("weight", nameOf(two), "0");
  assert.equal(zero.output, `${nameOf(two)} is registered with weight 0\n`);
  await serves(10, 0);
  assert.equal(await get(), "one");
  assert.equal((await call("weight", nameOf(two), "default")).code, 0);
  await serves(10, 10);
});

test("an agent that stops does not wait for a watcher whose haproxy is killed", async (t) => {
  const { agent, watcher, haproxy } = await scene(t);
  await haproxy.process.stop("SIGKILL");
  const startMs = performance.now();
  assert.equal(await agent.stop(), 0, watcher.output());
  t.diagnostic(`stopped within ${Math.round(performance.now() - startMs)} ms`);
  const logged = drains(agent);
  assert.deepEqual(
    logged.map(({ event }) => event),
    ["drain_started", "drain_waiting", "drain_ended"],
  );
  assert.deepEqual(logged.at(-1)?.watchers, [], "acknowledged");
});

test("retry applies at once, and exits with the result", async (t) => {
  const { agent, folder, call, watcher } = await scene(t);
  const target = join(folder, "haproxy.cfg");
  assert.deepEqual(await call("retry"), {
    code: 2,
    output: `sidekick: the sidekick with process id ${agent.pid} has no watcher, and so no files\n`,
  });
  const watching = (...args: readonly string[]) =>
    sidekick(t, ["retry", "-c", "watch.yaml", ...args], { cwd: folder });
  await writeFile(target, "# by hand\n");
  assert.deepEqual(await watching(), { code: 0, output: `${target} is in sync\n` });
  assert.doesNotMatch(await readFile(target, "utf8"), /by hand/);
  await writeFile(join(folder, "refuse"), "");
  await writeFile(target, "# by hand\n");
  const refused = await watching("--timeout", "2m");
  assert.equal(refused.code, 1, watcher.output());
  assert.match(refused.output, new RegExp(`^${target} is failing: .+\n$`));
});
