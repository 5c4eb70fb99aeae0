import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import type { Fault } from "../../../lib/base/fault.ts";
import type { Proxy } from "../../../lib/proxy/contract.ts";
import { createProxy, proxySchema } from "../../../lib/proxy/kinds.ts";
import { commandLine } from "../../../lib/proxy/processes.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

const never = new AbortController().signal;

function proxyOf(fields: object): Proxy {
  const config = proxySchema.parse({ type: "command", ...fields });
  return createProxy(config, { clock: systemClock });
}

const apply = (proxy: Proxy, signal = never) => proxy.apply({ files: [] }, signal);

test("a command that ends well has run", async (t) => {
  const told = join(await throwAwayFolder(t), "told");
  assert.equal(await apply(proxyOf({ run: ["touch", told] })), "ran");
  await readFile(told);
  assert.equal(await apply(proxyOf({ shell: `echo yes | tee ${told}` })), "ran");
  assert.equal(await readFile(told, "utf8"), "yes\n");
});

test("a command that fails is a fault in its own words", async () => {
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

test("at the time limit the command is ended with all that it started", async (t) => {
  const pidFile = join(await throwAwayFolder(t), "pid");
  const proxy = proxyOf({ shell: `sleep 60 & echo $! > ${pidFile}; wait`, timeout: "200ms" });
  await assert.rejects(apply(proxy), /failed: timed out after 200ms/);
  const pid = Number(await readFile(pidFile, "utf8"));
  await eventually("the grandchild has ended", async () => (await commandLine(pid)) === "");
});

test("an abort ends the command too", async (t) => {
  const pidFile = join(await throwAwayFolder(t), "pid");
  const stop = new AbortController();
  const applying = apply(proxyOf({ shell: `echo $$ > ${pidFile}; exec sleep 60` }), stop.signal);
  const pid = await eventually("the command runs", async () =>
    Number(await readFile(pidFile, "utf8")),
  );
  stop.abort(new Error("we leave"));
  await assert.rejects(applying, /we leave/);
  assert.equal(await commandLine(pid), "");
});
