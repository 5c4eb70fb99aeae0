/**
 * What browsers on the page cost the agent, with a change each second: 16 that read, one that never does, and 4 that connect
 * again all the time, beside the same agent without any.
 *
 * npm run bench:page
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const port = 19_479;
const roundMs = 5000;
const folder = mkdtempSync(join(tmpdir(), "bench-page-"));
const services = join(folder, "keys/services/web");

function put(i: number, weight: number): void {
  const entry = { host: `10.0.${i >> 7}.${i & 127}`, port: 80, weight };
  writeFileSync(join(services, `${entry.host}:80`), JSON.stringify(entry));
}

mkdirSync(services, { recursive: true });
for (let i = 0; i < 300; i += 1) put(i, 1);
writeFileSync(
  join(folder, "t.hbs"),
  "{{#each services}}{{#each instances}}{{address}}\n{{/each}}{{/each}}",
);
writeFileSync(
  join(folder, "sidekick.yaml"),
  `keyspace: file:./keys
log: error
watch: { templates: [{ source: ./t.hbs, target: ./out.conf }] }
status: { listen: "127.0.0.1:${port}", page: true, socket: ./s }
`,
);
const main = join(import.meta.dirname, "../dist/cli/main.js");
const options = { cwd: folder, env: { STATE_DIRECTORY: folder }, stdio: "inherit" } as const;
const agent = spawn(process.execPath, [main, "watch", "-c", "sidekick.yaml"], options);

/** Processor time in milliseconds a second (one tick is 10 ms), and memory in MB. */
async function measured() {
  const ticks = () => {
    const fields = readFileSync(`/proc/${agent.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  for (let i = 0; i < roundMs / 1000; i += 1) {
    put(i, 2 + (Math.floor(performance.now()) % 200));
    await delay(1000);
  }
  const [, rss] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${agent.pid}/status`, "utf8")) ?? [];
  return { cpu: ((ticks() - before) * 10) / (roundMs / 1000), mb: Number(rss) / 1024 };
}

let isOver = false;
function read(): { readonly close: () => void } {
  const sent = request({ host: "127.0.0.1", port, path: "/events", agent: false }, (r) =>
    r.resume(),
  );
  sent.on("error", () => {}).end();
  return { close: () => sent.destroy() };
}
async function reconnect(): Promise<void> {
  while (!isOver) {
    const one = read();
    await delay(50);
    one.close();
  }
}
function neverRead(): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {}).pause();
  socket.write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return socket;
}

try {
  await delay(4000);
  const none = await measured();
  const clients = Array.from({ length: 16 }, read);
  const sixteen = await measured();
  const deaf = neverRead();
  const others = Array.from({ length: 4 }, reconnect);
  const all = await measured();
  isOver = true;
  await Promise.all(others);
  for (const one of clients) one.close();
  deaf.destroy();
  for (const [name, { cpu, mb }] of Object.entries({ none, sixteen, all })) {
    console.log(
      `${name.padEnd(8)} ${cpu.toFixed(0).padStart(5)} ms/s ${mb.toFixed(0).padStart(5)} MB`,
    );
  }
} finally {
  agent.kill("SIGTERM");
  await new Promise((resolve) => agent.once("exit", resolve));
  rmSync(folder, { recursive: true, force: true });
}
