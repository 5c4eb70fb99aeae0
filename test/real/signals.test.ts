import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { events } from "../support/log-events.ts";
import { eventually, type Running, throwAwayFolder } from "../support/process.ts";
import { startSidekick } from "./sidekick.ts";

async function startAgent(t: TestContext): Promise<Running> {
  const cwd = await throwAwayFolder(t);
  await writeFile(
    join(cwd, "sidekick.yaml"),
    `keyspace: file:./keyspace
status: { socket: ./socket }
presence: { services: [{ name: web, host: 127.0.0.1, port: 8080 }] }
`,
  );
  return startSidekick(t, ["run", "-c", "sidekick.yaml"], { cwd });
}

const has = (running: Running, event: string, signal?: string) =>
  events(running).some((line) => line.event === event && line.signal === signal);

const isLogged = (running: Running, event: string, signal?: string) =>
  eventually(`${event} ${signal ?? ""}`, () => has(running, event, signal));

test("SIGHUP reloads the configuration of a running agent", async (t) => {
  const agent = await startAgent(t);
  await isLogged(agent, "registered");
  process.kill(agent.pid, "SIGHUP");
  await isLogged(agent, "reloaded");
  assert.equal(await agent.stop(), 0);
});

for (const signal of ["SIGUSR1", "SIGUSR2"] as const) {
  test(`${signal} is ignored by a running agent, and logged`, async (t) => {
    const agent = await startAgent(t);
    await isLogged(agent, "registered");
    process.kill(agent.pid, signal);
    await isLogged(agent, "signal_ignored", signal);
    process.kill(agent.pid, signal);
    assert.equal(await agent.stop(), 0);
    assert.doesNotMatch(agent.stderr(), /Debugger/);
  });
}

test("a SIGUSR1 at any moment of the start leaves no debugger port open", async (t) => {
  for (const afterMs of [10, 20, 30, 40, 60, 80, 120]) {
    const agent = await startAgent(t);
    await delay(afterMs);
    process.kill(agent.pid, "SIGUSR1");
    const hasEnded = () => agent.child.exitCode !== null || agent.child.signalCode !== null;
    await eventually("it runs or has ended", () => hasEnded() || has(agent, "registered"));
    // Before Node.js handles signals at all, the system's default ends the process.
    if (hasEnded()) continue;
    await eventually("the debugger is closed", async () => {
      const opened = /Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(agent.stderr());
      return !opened || (await isRefused(Number(opened[1])));
    });
    assert.equal(await agent.stop(), 0);
  }
});

/** A connection that stayed open would hold up the closing of the debugger. */
function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}
