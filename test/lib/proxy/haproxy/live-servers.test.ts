import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import { LiveServers } from "../../../../lib/proxy/haproxy/live-servers.ts";
import { type ByCommands, plan } from "../../../../lib/proxy/haproxy/plan.ts";
import type { Worker } from "../../../../lib/proxy/haproxy/worker.ts";
import { throwAwayFolder } from "../../../support/process.ts";

const { signal } = new AbortController();

const states = "1\n# srv_name srv_addr srv_port srv_admin_state srv_uweight srv_check_state\n";
const before = "defaults\nbackend web\n server a 10.0.0.1:80\n";
const after = before.replace("80\n", "80 weight 5\n");

/** A worker that answers as the table says, at the beginning or else with an empty line; `hang` hangs up. */
async function worker(t: TestContext, table: Readonly<Record<string, string>>) {
  const path = join(await throwAwayFolder(t), "admin.sock");
  const heard: string[] = [];
  const state = { weight: 1, deaf: false };
  const answer = (command: string): string => {
    const set = /^set server web\/a weight (\d+)$/.exec(command)?.[1];
    if (command in table) return table[command] ?? "";
    if (set !== undefined && !state.deaf) state.weight = Number(set);
    if (command === "show info") return "Pid: 7\nStart_time_sec: 100\nStopping: 0\n";
    return command.startsWith("show servers state")
      ? `${states}a 10.0.0.1 80 0 ${state.weight} 0\n`
      : "";
  };
  const server = createServer((socket) => {
    createInterface(socket).on("line", (command) => {
      heard.push(command);
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
  const planned = plan({ files: [{ target: "x", loaded: before, wanted: after }] });
  assert.equal(planned.kind, "adjust");
  return { heard, live, pids, state, adjust: () => live.adjust(planned as ByCommands, signal) };
}

test("a worker that was proved is told, and what it was told is read back", async (t) => {
  const { live, adjust, heard } = await worker(t, {});
  await live.remember(signal);
  heard.length = 0;
  assert.deepEqual(await adjust(), { servers: 1, leaving: [] });
  assert.deepEqual(heard, [
    "prompt",
    "show info",
    "show servers state web",
    "set server web/a weight 5",
    "show servers state web",
  ]);
});

test("a worker that nobody has proved is told nothing", async (t) => {
  const { live, adjust, heard } = await worker(t, {});
  assert.deepEqual(await adjust(), { why: "another worker had taken over" });
  await live.remember(signal);
  live.forget();
  assert.deepEqual(await adjust(), { why: "another worker had taken over" });
  assert.ok(!heard.some((command) => command.startsWith("set")));
});

test("a worker that is replaced while it is told has not been made to serve anything", async (t) => {
  const { live, adjust, pids } = await worker(t, {});
  await live.remember(signal);
  pids.push({ pid: 7 }, { pid: 8 });
  assert.deepEqual(await adjust(), { why: "another worker has taken over meanwhile" });
  pids.push({ pid: 7 }, { why: "connect ECONNREFUSED" });
  assert.deepEqual(await adjust(), { why: "connect ECONNREFUSED" });
});

test("what the worker refuses, and what it does not do though it said so, is found out", async (t) => {
  const command = "set server web/a weight 5";
  const refusing = await worker(t, { [command]: "Permission denied\n" });
  await refusing.live.remember(signal);
  assert.deepEqual(await refusing.adjust(), { why: `${command}: Permission denied` });
  const deaf = await worker(t, {});
  await deaf.live.remember(signal);
  deaf.state.deaf = true;
  assert.deepEqual(await deaf.adjust(), { why: "web/a is not as it was told to be" });
});

test("a worker that hangs up is a finding", async (t) => {
  const { live, adjust } = await worker(t, { "show servers state web": "hang up" });
  await live.remember(signal);
  assert.deepEqual(await adjust(), { why: "the worker hung up" });
});
