import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { test } from "node:test";
import type { Fault } from "../../../lib/base/fault.ts";
import { childrenOf, commandLine, processOf, send } from "../../../lib/proxy/processes.ts";
import { throwAwayFolder } from "../../support/process.ts";

test("a pid file is believed when the process looks as it should", async (t) => {
  const file = join(await throwAwayFolder(t), "pid");
  await writeFile(file, `${pid}\n`);
  assert.equal(await processOf("it", file, /node/), pid);
});

const notRunning: readonly (readonly [string, RegExp])[] = [
  ["", /holds no process id/],
  ["nginx", /holds no process id/],
  ["0", /holds no process id/],
  ["-1", /holds no process id/],
  [String(pid), /has ended/], // somebody else's by now
  ["4194305", /has ended/], // above any pid
];

for (const [content, words] of notRunning) {
  test(`a pid file with ${JSON.stringify(content)} names nobody`, async (t) => {
    const file = join(await throwAwayFolder(t), "pid");
    await writeFile(file, content);
    await assert.rejects(processOf("it", file, /^nginx: master/), (fault: Fault) => {
      assert.equal(fault.code, "PROXY_NOT_RUNNING");
      assert.match(fault.message, words);
      return true;
    });
  });
}

test("children are seen, and a process that has ended has neither children nor a title", async () => {
  const child = spawn("sleep", ["60"]);
  const childPid = child.pid ?? 0;
  assert.ok((await childrenOf(pid)).includes(childPid));
  const ended = new Promise((resolve) => child.once("close", resolve));
  send("it", childPid, "SIGTERM");
  await ended;
  assert.deepEqual(await childrenOf(childPid), []);
  assert.equal(await commandLine(childPid), "");
  assert.throws(
    () => send("it", childPid, "SIGTERM"),
    (fault: Fault) => fault.code === "PROXY_NOT_RUNNING",
  );
});
