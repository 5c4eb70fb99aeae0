import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import { never } from "../../../../lib/base/signal.ts";
import { LiveServers } from "../../../../lib/proxy/haproxy/live-servers.ts";
import { type AdjustPlan, plan } from "../../../../lib/proxy/haproxy/plan.ts";
import type { Worker } from "../../../../lib/proxy/haproxy/worker.ts";
import { throwAwayFolder } from "../../../support/process.ts";

const states = "1\n# srv_name srv_addr srv_port srv_admin_state srv_uweight srv_check_state\n";
const before = "defaults\nbackend web\n server a 10.0.0.1:80\n";
const after = before.replace("80\n", "80 weight 5\n");

/** A worker that gives the answers in the table, or else an empty line; the answer `hang up` closes the connection. */
async function worker(t: TestContext, table: Readonly<Record<string, string>>) {
  const path = join(await throwAwayFolder(t), "admin.sock");
  const received: string[] = [];
  const state = { weight: 1, ignores: false };
  const answer = (command: string): string => {
    const set = /^set server web\/a weight (\d+)$/.exec(command)?.[1];
    if (command in table) return table[command] ?? "";
    if (set !== undefined && !state.ignores) state.weight = Number(set);
    if (command === "show info") return "Pid: 7\nStart_time_sec: 100\nStopping: 0\n";
    return command.startsWith("show servers state")
      ? `${states}a 10.0.0.1 80 0 ${state.weight} 0\n`
      : "";
  };
  const server = createServer((socket) => {
    createInterface(socket).on("line", (command) => {
      received.push(command);
      const text = answer(command);
      if (text === "hang up") socket.destroy();
      else socket.write(`${text}\n> `);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  const pids: (Worker | undefined)[] = [];
  const runtime = {
    path,
    isMaster: false,
    worker: async (): Promise<Worker> => pids.shift() ?? { pid: 7 },
  };
  const live = new LiveServers(runtime, systemClock);
  const planned = plan({ files: [{ target: "x", loaded: before, desired: after }] });
  assert.equal(planned.kind, "adjust");
  const adjust = () => live.adjust(planned as AdjustPlan, never);
  return { received, live, pids, state, planned: planned as AdjustPlan, adjust };
}

test("conflicts with any worker are found by reading alone", async (t) => {
  const moved = `${states}a 10.0.0.9 80 0 1 0\n`;
  const { live, planned, received } = await worker(t, { "show servers state web": moved });
  assert.deepEqual(await live.conflicts(planned, never), ["web/a was moved to 10.0.0.9:80"]);
  assert.deepEqual(received, ["prompt", "show info", "show servers state web"]);
});

test("a verified worker is sent the commands, and its state is read back", async (t) => {
  const { live, adjust, received } = await worker(t, {});
  await live.recordWorker(never);
  received.length = 0;
  assert.deepEqual(await adjust(), { servers: 1, pendingDeletion: [] });
  assert.deepEqual(received, [
    "prompt",
    "show info",
    "show servers state web",
    "set server web/a weight 5",
    "show servers state web",
  ]);
});

test("a worker that was not verified is sent no commands", async (t) => {
  const { live, adjust, received } = await worker(t, {});
  assert.deepEqual(await adjust(), { reason: "another worker had taken over" });
  await live.recordWorker(never);
  live.invalidate();
  assert.deepEqual(await adjust(), { reason: "another worker had taken over" });
  assert.ok(!received.some((command) => command.startsWith("set")));
});

test("a worker that is replaced during the commands counts as not adjusted", async (t) => {
  const { live, adjust, pids } = await worker(t, {});
  await live.recordWorker(never);
  pids.push({ pid: 7 }, { pid: 8 });
  assert.deepEqual(await adjust(), { reason: "another worker has taken over meanwhile" });
  pids.push({ pid: 7 }, { reason: "connect ECONNREFUSED" });
  assert.deepEqual(await adjust(), { reason: "connect ECONNREFUSED" });
});

test("a rejected command is noticed, and so is one that had no effect", async (t) => {
  const command = "set server web/a weight 5";
  const refusing = await worker(t, { [command]: "Permission denied\n" });
  await refusing.live.recordWorker(never);
  assert.deepEqual(await refusing.adjust(), { reason: `${command}: Permission denied` });
  const ignoring = await worker(t, {});
  await ignoring.live.recordWorker(never);
  ignoring.state.ignores = true;
  assert.deepEqual(await ignoring.adjust(), { reason: "web/a is not in the requested state" });
});

test("a closed connection is a failure and no fault", async (t) => {
  const { live, adjust } = await worker(t, { "show servers state web": "hang up" });
  await live.recordWorker(never);
  assert.deepEqual(await adjust(), { reason: "the worker closed the connection" });
});
