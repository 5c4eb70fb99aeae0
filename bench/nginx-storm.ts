import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { listen } from "../test/support/listen.ts";
import { eventually, start } from "../test/support/process.ts";
import { type NginxScene, nginxScene, valueOf } from "./nginx-scene.ts";
import { startWrk } from "./wrk.ts";

/** An application at every address of 127.0.0.0/8, which echoes if a client upgrades. */
export async function startApplication(scope: CleanupScope): Promise<number> {
  const app = createServer((request, response) => response.end(request.socket.localAddress));
  app.keepAliveTimeout = 60_000;
  app.on("upgrade", (_, socket) => {
    socket.on("error", () => {});
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
    );
    socket.pipe(socket);
  });
  return await listen(scope, app, "0.0.0.0");
}

/** Upgraded connections through the proxy. */
interface Sockets {
  readonly cut: () => number;
  /** Sends a word on each. Resolves with how many have echoed it. */
  echo(): Promise<number>;
}

async function openSockets(scope: CleanupScope, url: string, count: number): Promise<Sockets> {
  const { port } = new URL(url);
  let cut = 0;
  const received = new Map<Socket, string>();
  for (let i = 0; i < count; i += 1) {
    const socket = connect(Number(port), "127.0.0.1");
    received.set(socket, "");
    socket.setEncoding("utf8").on("data", (part) => {
      received.set(socket, received.get(socket) + String(part));
    });
    socket
      .on("error", () => {})
      .on("close", () => {
        cut += 1;
      });
    socket.write("GET / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    scope.after(() => socket.destroy());
  }
  const all = (word: string) => received.values().every((text) => text.includes(word));
  await eventually("all are upgraded", () => all("101 Switching"), 30_000);
  let words = 0;
  return {
    cut: () => cut,
    async echo() {
      words += 1;
      for (const socket of received.keys()) socket.write(`word ${words}.`);
      await eventually("all echo", () => all(`word ${words}.`), 10_000).catch(() => {});
      return received
        .values()
        .filter((text) => text.includes(`word ${words}.`))
        .toArray().length;
    },
  };
}

/** Requests over HTTP/2, with TLS. Resolves at their end with what has failed of how many. */
function startHttp2(scope: CleanupScope, url: string, seconds: number): () => Promise<string> {
  const argv = ["h2load", "-D", String(seconds), "-c", "8", "-m", "4", "--rps", "25", url];
  const h2load = start(scope, argv);
  return async () => {
    await h2load.ended;
    const found = /(\d+) total, .* (\d+) succeeded, (\d+) failed, (\d+) errored/.exec(
      h2load.output(),
    );
    if (!found)
      throw new Error(`h2load did not print its totals:\n${h2load.output().slice(-1000)}`);
    const [, , succeeded, failed, errored] = found.map(Number);
    return `${(failed ?? 0) + (errored ?? 0)} of ${(succeeded ?? 0) + (failed ?? 0) + (errored ?? 0)}`;
  };
}

/** All kinds of load at once, while `work` goes on, as a row of a table. */
async function under(
  scene: NginxScene,
  what: string,
  seconds: number,
  work: () => Promise<number>,
) {
  await using scope = new CleanupScope();
  const sockets = await openSockets(scope, scene.url, 200);
  const paced = { connections: 8, pauseMs: 20 };
  const loads = [
    await startWrk(scope, `${scene.url}`, { ...paced, kept: true }),
    await startWrk(scope, `${scene.url}`, { ...paced, kept: false }),
    await startWrk(scope, `${scene.tlsUrl}`, { ...paced, kept: true }),
  ];
  const http2 = startHttp2(scope, scene.tlsUrl, seconds);
  await delay(500);
  const reloads = scene.reloads();
  // An idle connection is closed after PROXY_TIMEOUT.
  const beating = setInterval(() => void sockets.echo(), 3000);
  scope.after(() => clearInterval(beating));
  const changes = await work();
  const counted = await Promise.all(loads.map((stop) => stop()));
  const failed = counted.map(({ requests, broken, failedMs }) => {
    return `${broken + failedMs.length} of ${requests + broken}`;
  });
  const echoed = await sockets.echo();
  const row = [
    what,
    changes,
    ...failed,
    await http2(),
    `${200 - echoed} of 200`,
    scene.reloads() - reloads,
  ];
  console.log(`| ${row.join(" | ")} |`);
}

let made = 0;

/** Changes of ten instances one after the other, each of which is served before the next one: another address, or weight 0. */
async function change(scene: NginxScene, port: number, count: number): Promise<number> {
  for (let i = 0; i < count; i += 1) {
    made += 1;
    const at = 2 + (made % 10);
    const address = `127.${1 + (made >> 8)}.${made & 255}.${at}:${port}`;
    const weight = made % 3 === 2 ? 0 : 1 + (made % 5);
    await scene.served(await scene.put(`/services/web/${at}`, address, weight));
  }
  return count;
}

/** Changes under load; then without sidekick, with a new one, and with an nginx that was killed. */
export async function storm(changes: number): Promise<void> {
  await using scope = new CleanupScope();
  const port = await startApplication(scope);
  const scene = await nginxScene(
    scope,
    async (etcd) => {
      await etcd.put("/services/web/1").value(valueOf(`127.0.0.1:${port}`));
    },
    undefined,
    true,
  );
  console.log(
    "\n| nginx, live, under load | changes | kept: failed | new: failed | TLS: failed | HTTP/2: failed | WebSockets cut | reloads |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  const seconds = Math.ceil(changes / 20);
  await under(scene, "changes, one after the other", seconds, () => change(scene, port, changes));
  await under(scene, "sidekick is killed", 5, async () => {
    await scene.sidekick.stop("SIGKILL");
    await delay(4000);
    return 0;
  });
  await under(scene, "and started again", 10, async () => {
    scene.restartSidekick();
    return await change(scene, port, 10);
  });
  await scene.served(await scene.put("/services/web/only", `127.0.0.77:${port}`));
  await delay(2000);
  for (const pid of await scene.nginx.workers()) process.kill(pid, "SIGKILL");
  await scene.nginx.process.stop("SIGKILL");
  const startMs = performance.now();
  await scene.restartNginx();
  const answers = new Set<string>();
  for (let i = 0; i < 40; i += 1) {
    const answer = await fetch(scene.url);
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    answers.add(await answer.text());
  }
  console.log(
    `\nnginx killed and started: serves ${answers.size} instances ${(performance.now() - startMs).toFixed(0)} ms later,` +
      ` the last one put ${answers.has("127.0.0.77") ? "among" : "not among"} them.`,
  );
}
