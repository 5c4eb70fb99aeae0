import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import type { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Proxy } from "../../../lib/proxy/contract.ts";
import { createProxy, proxySchema } from "../../../lib/proxy/kinds.ts";
import { commandLine } from "../../../lib/proxy/processes.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

function proxyOf(fields: object): Proxy {
  const config = proxySchema.parse({ type: "command", ...fields });
  return createProxy(config, { clock: systemClock });
}

const apply = (proxy: Proxy, signal = never) => proxy.apply({ files: [] }, signal);

test("a command with exit code 0 has run", async (t) => {
  const path = join(await throwAwayFolder(t), "ran");
  assert.equal(await apply(proxyOf({ run: ["touch", path] })), "ran");
  await readFile(path);
  assert.equal(await apply(proxyOf({ shell: `echo yes | tee ${path}` })), "ran");
  assert.equal(await readFile(path, "utf8"), "yes\n");
});

test("a command that fails is a fault with the command's output", async () => {
  const proxy = proxyOf({ shell: "echo first; printf '\\033[31mthat is wrong\\n' >&2; exit 3" });
  await assert.rejects(apply(proxy), (fault: Fault) => {
    assert.equal(fault.code, "PROXY_COMMAND_FAILED");
    assert.equal(fault.retry, true);
    assert.match(fault.message, /failed: exit code 3: /);
    assert.match(fault.message, /that is wrong/);
    assert.ok(!fault.message.includes("\u001b"));
    return true;
  });
});

test("at the time limit the command and its child processes are terminated", async (t) => {
  const pidFile = join(await throwAwayFolder(t), "pid");
  const proxy = proxyOf({ shell: `sleep 60 & echo $! > ${pidFile}; wait`, timeout: "200ms" });
  await assert.rejects(apply(proxy), /failed: timed out after 200ms/);
  const pid = Number(await readFile(pidFile, "utf8"));
  await eventually("the grandchild has ended", async () => (await commandLine(pid)) === "");
});

test("an abort terminates the command too", async (t) => {
  const pidFile = join(await throwAwayFolder(t), "pid");
  const stop = new AbortController();
  const applying = apply(proxyOf({ shell: `echo $$ > ${pidFile}; exec sleep 60` }), stop.signal);
  const pid = await eventually("the command runs", async () =>
    Number(await readFile(pidFile, "utf8")),
  );
  stop.abort(new Error("stopping"));
  await assert.rejects(applying, /stopping/);
  assert.equal(await commandLine(pid), "");
});

test("a command that lacked processes is not a rejection of the new configuration", async () => {
  const proxy = proxyOf({ shell: "echo 'sh: 1: Cannot fork' >&2; exit 2" });
  await assert.rejects(apply(proxy), (fault: Fault) => {
    assert.equal(fault.code, "PROXY_RESOURCES_EXHAUSTED");
    assert.match(fault.message, /cannot be reloaded: no further processes for this user/);
    return true;
  });
});
