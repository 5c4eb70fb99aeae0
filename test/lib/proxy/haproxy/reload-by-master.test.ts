import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import type { Fault } from "../../../../lib/base/fault.ts";
import { never } from "../../../../lib/base/signal.ts";
import { reloadByMaster } from "../../../../lib/proxy/haproxy/reload-by-master.ts";
import { throwAwayFolder } from "../../../support/process.ts";

/** A master's socket that answers each command by `answer`; undefined closes the connection. */
async function master(
  t: TestContext,
  answer: (command: string) => string | undefined,
): Promise<string> {
  const path = join(await throwAwayFolder(t), "master.sock");
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.once("data", (command) => {
      const text = answer(command.toString().trim());
      if (text === undefined) socket.destroy();
      else socket.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  return path;
}

const processes = (reloads: number, worker: number, failed = 0) =>
  `1 master ${reloads} [failed: ${failed}] 0d 2.6.12\n# workers\n${worker} worker 0 0d 2.6.12\n`;

const reload = (path: string, timeoutMs = 5000) =>
  reloadByMaster({ title: "haproxy", path }, timeoutMs, { clock: systemClock }, never);

const withCode = (code: string, message: RegExp) => (fault: Fault) => {
  assert.equal(fault.code, code);
  assert.match(fault.message, message);
  return true;
};

test("since 2.7 the answer reports success", async (t) => {
  const commands: string[] = [];
  const path = await master(t, (command) => {
    commands.push(command);
    if (command === "show proc") return processes(0, 10);
    return command === "reload" ? "Success=1\n--\n[NOTICE] Loading success.\n" : "Stopping: 1\n";
  });
  assert.equal(await reload(path), "reloaded");
  assert.deepEqual(commands.slice(-2), ["reload", "@!10 show info"]);
});

test("since 2.7 the answer reports the error", async (t) => {
  const logged = "[ALERT] config : parsing [/h.cfg:3] : unknown keyword 'x'";
  const path = await master(t, (command) =>
    command === "show proc" ? processes(0, 10) : `Success=0\n--\n${logged}\n`,
  );
  await assert.rejects(
    reload(path),
    withCode("PROXY_REJECTED", /h\.cfg:3\] : unknown keyword 'x'/),
  );
});

test("a command that was lost while the master restarted is sent again", async (t) => {
  let reloads = 0;
  const path = await master(t, (command) => {
    if (command === "show proc") return reloads < 2 ? processes(0, 10) : processes(1, 11);
    if (command === "reload") reloads += 1;
    return command === "reload" ? undefined : "Can't find the target PID\n";
  });
  assert.equal(await reload(path), "reloaded");
  assert.equal(reloads, 2);
});

test("the reload is not done before the old worker accepts no new connections", async (t) => {
  let isReloaded = false;
  let asked = 0;
  const path = await master(t, (command) => {
    if (command === "show proc") return isReloaded ? processes(1, 11) : processes(0, 10);
    if (command === "reload") isReloaded = true;
    if (command !== "@!10 show info") return "";
    asked += 1;
    return `Pid: 10\nStopping: ${asked < 3 ? 0 : 1}\n`;
  });
  assert.equal(await reload(path), "reloaded");
  assert.equal(asked, 3);
});

test("a reload that does not end is rejected at the time limit", async (t) => {
  const path = await master(t, (command) => (command === "show proc" ? processes(0, 10) : ""));
  await assert.rejects(reload(path, 50), withCode("PROXY_REJECTED", /timed out after 50ms/));
});

test("a socket of another program is not taken for a master's", async (t) => {
  const path = await master(t, () => "Unknown command\n");
  await assert.rejects(reload(path), withCode("PROXY_NOT_RUNNING", /not answer like a master/));
});

test("a socket that cannot be opened is a fault of its own", async () => {
  await assert.rejects(reload("/dev/null/m.sock"), withCode("PROXY_UNREACHABLE", /ENOTDIR/));
});
