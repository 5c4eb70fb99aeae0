import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { test } from "node:test";
import type { Fault } from "../../../lib/base/fault.ts";
import { childrenOf, commandLine, findProcess, sendSignal } from "../../../lib/proxy/processes.ts";
import { throwAwayFolder } from "../../support/process.ts";

test("a process is found by a pid file when its command line matches", async (t) => {
  const file = join(await throwAwayFolder(t), "pid");
  await writeFile(file, `${pid}\n`);
  assert.equal(await findProcess("proxy", file, /node/), pid);
});

const notRunning: readonly (readonly [string, RegExp])[] = [
  ["", /holds no process id/],
  ["nginx", /holds no process id/],
  ["0", /holds no process id/],
  ["-1", /holds no process id/],
  [String(pid), /has ended/], // now another program's
  ["4194305", /has ended/], // above any pid
];

for (const [content, message] of notRunning) {
  test(`a pid file with ${JSON.stringify(content)} names no process`, async (t) => {
    const file = join(await throwAwayFolder(t), "pid");
    await writeFile(file, content);
    await assert.rejects(findProcess("proxy", file, /^nginx: master/), (fault: Fault) => {
      assert.equal(fault.code, "PROXY_NOT_RUNNING");
      assert.match(fault.message, message);
      return true;
    });
  });
}

test("child processes are listed, and a process that has ended has neither children nor a command line", async () => {
  const child = spawn("sleep", ["60"]);
  const childPid = child.pid ?? 0;
  assert.ok((await childrenOf(pid)).includes(childPid));
  const ended = new Promise((resolve) => child.once("close", resolve));
  sendSignal("proxy", childPid, "SIGTERM");
  await ended;
  assert.deepEqual(await childrenOf(childPid), []);
  assert.equal(await commandLine(childPid), "");
  assert.throws(
    () => sendSignal("proxy", childPid, "SIGTERM"),
    (fault: Fault) => fault.code === "PROXY_NOT_RUNNING",
  );
});
