/**
 * Many containers with checks from labels: whether a configured instance stays registered, and how soon /healthz answers,
 * beside a bare HTTP server that is asked at the same times: what the machine and this process need.
 *
 *   npm run build && node bench/label-checks.ts
 *   node bench/label-checks.ts --containers 2000 --seconds 10        other numbers
 *   node bench/label-checks.ts --profile folder                      with a profile of the processor time
 *
 * The engine is a stand-in that lists the containers. Their checks, and that of the configured instance, probe a server
 * of this process. The second case is a single container that asks for 20 000 checks each millisecond.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, freePort, start } from "../test/support/process.ts";
import { cpuMs } from "./cost.ts";

const { values: options } = parseArgs({
  options: {
    containers: { type: "string", default: "10000" },
    seconds: { type: "string", default: "30" },
    profile: { type: "string" },
  },
});

type Labels = Readonly<Record<string, string>>;

/** The response of an engine to the inspection of a container that publishes a port. */
function inspected(id: string, port: number, labels: Labels): object {
  const ports = [
    ...new Set(Object.keys(labels).flatMap((key) => key.match(/\.(\d+)\./)?.[1] ?? [])),
  ];
  const bindings = (ports.length > 0 ? ports : ["80"]).map((inner) => [
    `${inner}/tcp`,
    [{ HostIp: "127.0.0.1", HostPort: String(port) }],
  ]);
  return {
    ...{ Id: id, Name: `/${id}`, Image: "sha256:00", Config: { Image: "web", Labels: labels } },
    State: { Status: "running", Running: true, StartedAt: "2026-01-01T00:00:00Z" },
    NetworkSettings: { Ports: Object.fromEntries(bindings) },
  };
}

/** Serves the Engine API for these containers at a socket. */
async function serveEngine(
  scope: CleanupScope,
  socket: string,
  containers: Record<string, object>,
) {
  const list = JSON.stringify(Object.keys(containers).map((Id) => ({ Id })));
  const serve: RequestListener = ({ url = "" }, response) => {
    const id = /^\/containers\/([^/]+)\/json/.exec(url)?.[1];
    if (url.startsWith("/events")) return response.writeHead(200).flushHeaders();
    if (url.startsWith("/_ping")) return void response.end("OK");
    response.end(id === undefined ? list : JSON.stringify(containers[id]));
  };
  const server = createServer(serve).listen(socket);
  scope.after(() => server.close().closeAllConnections());
}

async function measure(scope: CleanupScope, name: string, labelsOf: readonly Labels[]) {
  const folder = await mkdtemp(join(tmpdir(), "sidekick-bench-"));
  scope.after(() => rm(folder, { recursive: true, force: true }));
  const [appPort, statusPort] = [await freePort(), await freePort()];
  let probes = 0;
  const app = createServer((_request, response) => {
    probes += 1;
    response.end("up");
  }).listen(appPort, "127.0.0.1", 4096);
  scope.after(() => app.close().closeAllConnections());
  const socket = join(folder, "engine.sock");
  const containers = labelsOf.map((labels, i) => [`c${i}`, inspected(`c${i}`, appPort, labels)]);
  await serveEngine(scope, socket, Object.fromEntries(containers));
  const config = {
    keyspace: `file:${folder}/keyspace`,
    presence: {
      services: [
        {
          name: "fixed",
          host: "127.0.0.1",
          port: appPort,
          checks: [{ type: "http", interval: "250ms" }],
        },
      ],
      docker: { socket, loopback: true },
    },
    status: { listen: `127.0.0.1:${statusPort}` },
  };
  await writeFile(join(folder, "sidekick.json"), JSON.stringify(config));
  const profiling = options.profile ? ["--cpu-prof", `--cpu-prof-dir=${options.profile}`] : [];
  const argv = [
    process.execPath,
    ...profiling,
    "dist/cli/main.js",
    "run",
    "-c",
    join(folder, "sidekick.json"),
  ];
  const env = { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const agent = start(scope, argv, { env });
  await eventually("the configured instance is registered", () =>
    agent.output().includes("registered /services/fixed/"),
  );
  const started = performance.now();
  const tookMs: number[] = [];
  const bareMs: number[] = [];
  const barePort = await startBareServer(scope);
  const ask = async (port: number) => {
    const askedMs = performance.now();
    await (await fetch(`http://127.0.0.1:${port}/healthz`)).text();
    return performance.now() - askedMs;
  };
  const cpuBefore = await cpuMs(agent.pid);
  probes = 0;
  while (performance.now() - started < Number(options.seconds) * 1000) {
    tookMs.push(await ask(statusPort));
    bareMs.push(await ask(barePort));
    await delay(50);
  }
  const passedMs = performance.now() - started;
  const cpu = ((await cpuMs(agent.pid)) - cpuBefore) / passedMs;
  const perSecond = (probes * 1000) / passedMs;
  const lost = (agent.output().match(/"(deregistered \S+|\S+ is unhealthy)/g) ?? []).length;
  const registered = new Set(agent.output().match(/"registered \/\S+"/g)).size;
  const cells = [
    name,
    registered,
    lost,
    distribution(tookMs),
    distribution(bareMs),
    perSecond.toFixed(0),
    cpu.toFixed(2),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  await agent.stop();
}

/** `2 / 8 / 30`: the median, the 99th percentile and the maximum. */
function distribution(samples: readonly number[]): string {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
  return [at(0.5), at(0.99), at(1)].join(" / ");
}

/** Starts a process that answers HTTP requests and does nothing else. Resolves with its port. */
async function startBareServer(scope: CleanupScope): Promise<number> {
  const port = await freePort();
  const code = `require("node:http").createServer((_, r) => r.end("ok")).listen(${port}, "127.0.0.1")`;
  start(scope, [process.execPath, "-e", code]);
  await eventually("the bare server answers", async () => await fetch(`http://127.0.0.1:${port}/`));
  return port;
}

console.log(
  "| case | registered | lost | /healthz: median / 99 % / worst, ms | bare server | probes/s | processors |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- |");
{
  await using scope = new CleanupScope();
  const count = Number(options.containers);
  const labels = Array.from({ length: count }, (_, i) => ({
    "sidekick.id": `c${i}`,
    "sidekick.check.http": "/",
    "sidekick.check.interval": "1s",
  }));
  await measure(scope, `${count} containers, one check each at 1s`, labels);
}
{
  await using scope = new CleanupScope();
  const ports = Array.from({ length: 10_000 }, (_, i) => 1 + i);
  const labels = Object.fromEntries(
    ports.flatMap((port) => [
      [`sidekick.${port}.check.http`, "/"],
      [`sidekick.${port}.check.tcp`, "true"],
    ]),
  );
  await measure(scope, "a container that asks for 20000 checks at 1ms", [
    { ...labels, "sidekick.check.interval": "1ms" },
  ]);
}
