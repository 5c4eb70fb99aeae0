import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { events } from "../support/log-events.ts";
import { eventually, start, throwAwayFolder } from "../support/process.ts";
import { main } from "./sidekick.ts";

/** An agent in a process namespace of its own, as in a container, whose check leaves an orphan each time. */
async function startContained(t: TestContext, init: readonly string[]) {
  const cwd = await throwAwayFolder(t);
  const check = "echo >>rounds; sleep 30; true";
  await writeFile(
    join(cwd, "sidekick.yaml"),
    `keyspace: file:./keyspace
status: { socket: ./socket }
presence:
  services:
    - name: web
      host: 127.0.0.1
      port: 8080
      checks: [{ type: exec, command: [sh, -c, "${check}"], interval: 50ms, timeout: 50ms }]
`,
  );
  const unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"];
  const agent = start(t, [...unshare, ...init, ...main, "run", "-c", "sidekick.yaml"], { cwd });
  await eventually("ten probes have timed out", async () => {
    return (await readFile(join(cwd, "rounds"), "utf8")).length > 10;
  });
  return agent;
}

/** The zombies among the descendants of a process. */
async function zombiesBelow(root: number): Promise<number> {
  const stats = await Promise.all(
    (await readdir("/proc")).map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")),
  );
  const found = stats.flatMap((line) => {
    const [, pid, state, parent] = /^(\d+) \(.*\) (\S) (\d+)/s.exec(line) ?? [];
    return pid ? [{ pid: Number(pid), state, parent: Number(parent) }] : [];
  });
  const below = new Set([root]);
  for (let size = 0; size < below.size; ) {
    size = below.size;
    for (const { pid, parent } of found) if (below.has(parent)) below.add(pid);
  }
  return found.filter(({ pid, state }) => below.has(pid) && state === "Z").length;
}

const missing = (agent: Parameters<typeof events>[0]) =>
  events(agent).filter(({ event }) => event === "init_missing").length;

test("started through tini, the orphans of checks do not stay as zombies", async (t) => {
  const agent = await startContained(t, ["tini", "-s", "--"]);
  await eventually("at most those of one probe", async () => (await zombiesBelow(agent.pid)) <= 2);
  assert.equal(missing(agent), 0);
});

test("as process 1 without an init, the agent logs once that zombies stay", async (t) => {
  const agent = await startContained(t, []);
  assert.equal(missing(agent), 1);
  assert.ok((await zombiesBelow(agent.pid)) > 5);
});
