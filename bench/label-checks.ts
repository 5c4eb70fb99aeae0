/**
 * Many containers with checks from labels: whether a configured instance stays registered, and how soon /healthz answers.
 *
 *   npm run build && node bench/label-checks.ts
 *   node bench/label-checks.ts --containers 2000 --seconds 10        other numbers
 *
 * The engine is a stand-in that lists the containers. Their checks, and that of the configured instance, probe a server
 * of this process. The second case is a single container that asks for 20 000 checks each millisecond.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, freePort, start } from "../test/support/process.ts";

const { values: options } = parseArgs({
  options: {
    containers: { type: "string", default: "10000" },
    seconds: { type: "string", default: "30" },
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
  const argv = [process.execPath, "dist/cli/main.js", "run", "-c", join(folder, "sidekick.json")];
  const env = { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const agent = start(scope, argv, { env });
  const ask = async (path: string) => await fetch(`http://127.0.0.1:${statusPort}${path}`);
  await eventually("the configured instance is registered", () =>
    agent.output().includes("registered /services/fixed/"),
  );
  const started = performance.now();
  const tookMs: number[] = [];
  const cpuBefore = await cpuMs(agent.pid);
  probes = 0;
  while (performance.now() - started < Number(options.seconds) * 1000) {
    const askedMs = performance.now();
    await (await ask("/healthz")).text();
    tookMs.push(performance.now() - askedMs);
    await delay(50);
  }
  const passedMs = performance.now() - started;
  const cpu = ((await cpuMs(agent.pid)) - cpuBefore) / passedMs;
  const perSecond = (probes * 1000) / passedMs;
  const lost = (agent.output().match(/"(deregistered \S+|\S+ is unhealthy)/g) ?? []).length;
  const registered = new Set(agent.output().match(/"registered \/\S+"/g)).size;
  const sorted = tookMs.sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
  const cells = [
    name,
    registered,
    lost,
    at(0.5),
    at(0.99),
    at(1),
    perSecond.toFixed(0),
    cpu.toFixed(2),
  ];
  console.log(`| ${cells.join(" | ")} |`);
  await agent.stop();
}

/** The processor time of a process so far, in milliseconds. */
async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

console.log(
  "| case | registered | lost | /healthz median, ms | 99 % | worst | probes/s | processors |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
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
