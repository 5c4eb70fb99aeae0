import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import {
  eventually,
  freePort,
  isWithin,
  outputOf,
  start,
  throwAwayFolder,
} from "../support/process.ts";
import { main, startApp } from "./sidekick.ts";

/** An agent whose standard error is set by a shell: `2>FILE` or `2>&1 | READER`. Its pid is in a file. */
async function startAgent(t: TestContext, redirection: string) {
  const folder = await throwAwayFolder(t);
  const app = await startApp(t, "web");
  const port = await freePort();
  const config = join(folder, "sidekick.yaml");
  await writeFile(
    config,
    `keyspace: file:./keyspace
log: debug
status: { listen: "127.0.0.1:${port}", socket: ./socket }
presence:
  drainDelay: 100ms
  services:
    - { name: web, host: 127.0.0.1, port: ${app.port}, checks: [{ type: tcp, interval: 100ms, fall: 1, rise: 1 }] }
`,
  );
  const run = [...main, "run", "-c", config].map((part) => `'${part}'`).join(" ");
  start(t, ["bash", "-c", `(echo $BASHPID >pid; exec ${run}) ${redirection}`], { cwd: folder });
  const status = async () => JSON.parse((await fetchOnce(`http://127.0.0.1:${port}/status`)).body);
  await eventually("web is registered", async () =>
    (await status()).presence.instances.some((one: { registered: boolean }) => one.registered),
  );
  const pid = Number(await readFile(join(folder, "pid"), "utf8"));
  return { folder, app, status, pid };
}

/** Sends SIGTERM, and resolves with how long it took until the entry was removed and the process gone. */
async function stopped({ folder, pid }: { readonly folder: string; readonly pid: number }) {
  const startMs = performance.now();
  process.kill(pid, "SIGTERM");
  await eventually("the agent has exited", () => !isRunning(pid));
  assert.deepEqual(await keysIn(folder), []);
  return performance.now() - startMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function keysIn(folder: string): Promise<readonly string[]> {
  const text = await outputOf([...main, "ls", "file:./keyspace", "/services"], { cwd: folder });
  return text.split("\n").filter(Boolean);
}

/** Takes the application away and back often enough that lines are logged. */
async function changeHealth({ app, status }: Awaited<ReturnType<typeof startAgent>>) {
  const verdict = async () => (await status()).presence.instances[0].verdict;
  await app.kill();
  await eventually("web is unhealthy", async () => (await verdict()) === "down");
  app.restart();
  await eventually("web is healthy", async () => (await verdict()) === "up");
}

test("a log on a full disk does not end the agent, which drains on SIGTERM", async (t) => {
  const agent = await startAgent(t, "2>/dev/full");
  await changeHealth(agent);
  await stopped(agent);
});

test("lines dropped while a file was full are counted once it has room", async (t) => {
  const agent = await startAgent(t, "2>>log; true");
  const path = join(agent.folder, "log");
  await writeFile(path, "");
  // The limit of a running process: its files may not grow beyond 200 bytes.
  await outputOf(["prlimit", "--fsize=200:", `--pid=${agent.pid}`]);
  await changeHealth(agent);
  await outputOf(["prlimit", "--fsize=unlimited:", `--pid=${agent.pid}`]);
  const lines = await eventually("the count is logged", async () => {
    const text = await readFile(path, "utf8");
    return text.includes("log_lines_dropped") && text.trim().split("\n");
  });
  const events = lines.map((line) => JSON.parse(line));
  const notice = events.find(({ event }) => event === "log_lines_dropped");
  assert.ok(notice.lines >= 2, JSON.stringify(notice));
  await stopped(agent);
});

test("a log whose reader has gone does not end the agent, which drains on SIGTERM", async (t) => {
  const agent = await startAgent(t, "2>&1 | head -n 1");
  await changeHealth(agent);
  await stopped(agent);
});

test("a log whose reader has stalled does not hold up the agent, nor its shutdown", async (t) => {
  const agent = await startAgent(t, "2>&1 | (sleep 1000; cat)");
  // More than the 64 KiB of a pipe.
  for (let i = 0; i < 600; i += 1) {
    process.kill(agent.pid, "SIGUSR2");
    await agent.status();
  }
  await changeHealth(agent);
  const tookMs = await stopped(agent);
  assert.ok(isWithin(tookMs, 3000), `it took ${tookMs} ms`);
});
