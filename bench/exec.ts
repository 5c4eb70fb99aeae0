/**
 * Stops an application that `sidekick exec` runs, in each way, under load on an haproxy that another sidekick keeps up to date: the order
 * of events with milliseconds since the stop, and the requests that failed. Another instance serves all the time.
 *
 *   npm run bench:exec
 */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startDockerEngine } from "../test/real/docker-engine.ts";
import { type Etcd, startEtcd } from "../test/real/etcd.ts";
import { startHaproxy } from "../test/real/haproxy.ts";
import { buildSidekickImage } from "../test/real/images.ts";
import { registeredApp } from "../test/real/registered-app.ts";
import { startSidekick } from "../test/real/sidekick.ts";
import { startSystemd } from "../test/real/systemd-machine.ts";
import { fetchOnce, keepRequesting } from "../test/support/http.ts";
import { eventsIn } from "../test/support/log-events.ts";
import { eventually, freePort, throwAwayFolder, writeForAll } from "../test/support/process.ts";

/** The events of a stop, in the order of the log. */
const shown = [
  ...["shutting_down", "drain_started", "drain_ended", "deregistered"],
  ...["program_ended", "program_stopped", "stopped", "program_started", "registered"],
];

/** etcd, and an haproxy with an instance that stays. */
async function startScene(t: TestContext) {
  const [etcd, folder, port] = [await startEtcd(t), await throwAwayFolder(t), await freePort()];
  await chmod(folder, 0o755);
  const target = join(folder, "haproxy.cfg");
  const proxy = { type: "haproxy", master: join(folder, "master.sock") };
  const watch = { templates: [{ source: "haproxy.cfg.hbs", target, proxy }] };
  await writeFile(join(folder, "watch.yaml"), JSON.stringify({ keyspace: etcd.url, watch }));
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(folder, "admin.sock"),
    HAPROXY_MAXCONN: "200",
  };
  const watching = startSidekick(t, ["watch", "-c", "watch.yaml"], { cwd: folder, env });
  await registeredApp(t, etcd.url, folder, "stays");
  await eventually("the file is written", () => watching.output().includes("file_written"));
  await startHaproxy(t, { config: target });
  return { etcd, folder, url: `http://127.0.0.1:${port}/` };
}

/** The configuration of an application that is run, at a port. */
function configOf({ url }: Etcd, port: number, run: readonly string[]) {
  const checks = [{ type: "tcp", interval: "100ms", rise: 1 }];
  const service = { name: "web", host: "127.0.0.1", port, instance: "stopped", checks };
  const presence = { drainDelay: "500ms", services: [service] };
  return JSON.stringify({ keyspace: url, presence, exec: { run: [...run, `${port}`] } });
}

interface Stopped {
  readonly etcd: Etcd;
  readonly url: string;
  /** The log of the agent so far. */
  readonly log: () => Promise<string>;
  readonly stop: () => Promise<unknown>;
  /** Whether it is back again afterwards. */
  readonly isRestarted?: boolean;
}

/** Stops it under load, and prints what happened. */
async function measure(t: TestContext, { etcd, url, log, stop, isRestarted }: Stopped) {
  const isServed = async () => (await fetchOnce(url)).body === "stopped";
  await eventually("it is served", isServed);
  // No client or proxy repeats a POST that was sent.
  const requests = [1, 2].map(() => keepRequesting(url, { method: "POST" }));
  await eventually("requests are answered", () => requests.every((one) => one.answered() > 200));
  const before = eventsIn(await log()).length;
  const startMs = Date.now();
  await stop();
  const entries = async () => (await etcd.etcdctl("get", "--prefix", "/services/")).split("\n");
  await eventually("its entry is gone", async () => isRestarted || (await entries()).length <= 3);
  const goneMs = Date.now() - startMs;
  if (isRestarted) await eventually("it is served again", isServed);
  const answered = requests.map((one) => one.answered());
  await eventually("requests go on", () =>
    requests.every((one, i) => one.answered() > (answered[i] ?? 0) + 200),
  );
  const failures = (await Promise.all(requests.map((one) => one.stop()))).flat();
  const all = requests.reduce((sum, one) => sum + one.answered(), failures.length);
  for (const { event, time, message } of eventsIn(await log()).slice(before)) {
    if (!shown.includes(event)) continue;
    t.diagnostic(
      `${String(Date.parse(String(time)) - startMs).padStart(6)} ms  ${event}: ${message}`,
    );
  }
  if (!isRestarted) t.diagnostic(`${String(goneMs).padStart(6)} ms  its entry is gone`);
  t.diagnostic(`${all} requests, ${failures.length} failed`);
  for (const failure of new Set(failures)) t.diagnostic(`failed: ${failure}`);
}

test("in a container", async (t) => {
  const engine = await startDockerEngine(t);
  const { docker } = engine;
  const { image } = await buildSidekickImage(engine);
  for (const [name, args] of [
    ["docker stop", ["stop", "-t", "60", "app"]],
    ["docker kill", ["kill", "app"]],
  ] as const) {
    await t.test(name, async (t) => {
      const { etcd, folder, url } = await startScene(t);
      const run = ["sidekick", "demo-app", "stopped"];
      await writeForAll(join(folder, "app.yaml"), configOf(etcd, await freePort(), run));
      await docker(
        ...["run", "-d", "--name=app", "--network=host", "--read-only", "--tmpfs=/tmp"],
        ...["-v", `${folder}/app.yaml:/etc/sidekick/app.yaml:ro`],
        ...[image, "exec", "-c", "/etc/sidekick/app.yaml"],
      );
      const [log, stop] = [() => engine.logs("app"), () => docker(...args)];
      await measure(t, { etcd, url, log, stop });
      t.diagnostic(`exit code ${await docker("inspect", "--format={{.State.ExitCode}}", "app")}`);
      await docker("rm", "-f", "app");
    });
  }
});

test("systemctl restart", async (t) => {
  const { etcd, url } = await startScene(t);
  const program = "/usr/local/lib/sidekick/dist/cli/main.js";
  const run = ["node", program, "demo-app", "stopped"];
  const { systemctl, inside } = await startSystemd(t, {
    units: [],
    programs: { sidekick: `exec node ${program} "$@"` },
    etc: {
      "sidekick/app.yaml": configOf(etcd, await freePort(), run),
      "systemd/system/app.service":
        "[Service]\nExecStart=sidekick exec -c /etc/sidekick/app.yaml\nKillMode=mixed\nTimeoutStopSec=90\nSuccessExitStatus=143\n",
    },
  });
  await systemctl("start", "app.service");
  const log = () => inside("cat", "/run/log");
  const stop = () => systemctl("restart", "app.service");
  await measure(t, { etcd, url, log, stop, isRestarted: true });
});

test("kill -9 of the application", async (t) => {
  const { etcd, folder, url } = await startScene(t);
  const run = [process.execPath, "dist/cli/main.js", "demo-app", "stopped"];
  const file = join(folder, "app.yaml");
  await writeFile(file, configOf(etcd, await freePort(), run));
  const agent = startSidekick(t, ["exec", "-c", file]);
  const stop = async () => {
    const started = eventsIn(agent.stderr()).find(({ event }) => event === "program_started");
    const pid = Number(started?.pid);
    const { length } = await readFile(`/proc/${pid}/cmdline`);
    if (length > 0) process.kill(pid, "SIGKILL");
  };
  await measure(t, { etcd, url, log: async () => agent.stderr(), stop });
});
