import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { keepNotified } from "../../lib/status/systemd.ts";
import { loop, reportOf, withTemplate } from "../lib/status/facts.ts";
import { eventually, start, throwAwayFolder } from "../support/process.ts";

/** A datagram socket like that of systemd, and the received notifications. */
async function startNotifySocket(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [socket, file] = [join(folder, "notify"), join(folder, "received")];
  const listen = ["systemd-socket-activate", "--datagram", "--inetd", `--listen=${socket}`];
  const listener = start(t, [...listen, "sh", "-c", `exec cat > ${file}`]);
  await eventually("the socket is ready", () => listener.output().includes("Listening on"));
  const received = async () => {
    const text = await readFile(file, "utf8").catch(() => "");
    // systemd-notify sends a barrier to find out when its notification was received.
    return text.replaceAll("BARRIER=1", "\n").split("\n").filter(Boolean);
  };
  return { socket, received };
}

test("systemd is notified of readiness, of each watchdog interval without a stalled loop, and of the shutdown", async (t) => {
  const { socket, received } = await startNotifySocket(t);
  const ending = new AbortController();
  let now = withTemplate({ state: "unknown" });
  const notifying = keepNotified(
    { socket, watchdogMs: 200 },
    { report: () => now, stopping: ending.signal },
    systemClock,
    ending.signal,
  );
  const ended = assert.rejects(notifying, new Error("stop"));

  const starting =
    "STATUS=sidekick 1.2.3 is degraded and not ready: /etc/haproxy/haproxy.cfg is not in sync yet";
  await eventually("the status is received", async () =>
    (await received()).some((line) => line.startsWith(starting)),
  );
  assert.ok(!(await received()).includes("READY=1"));

  now = reportOf();
  await eventually("readiness is received", async () => (await received()).includes("READY=1"));
  const alive = async () => (await received()).filter((line) => line === "WATCHDOG=1").length;
  const before = await alive();
  await eventually(
    "further watchdog notifications are received",
    async () => (await alive()) >= before + 3,
  );

  now = reportOf({ loops: [loop("checks", { dueMs: 90_000 })] });
  const isStalled = (name: string) => (line: string) =>
    line.startsWith(`STATUS=sidekick 1.2.3 is unhealthy: ${name} is stalled`);
  await eventually("a stalled loop is reported", async () =>
    (await received()).some(isStalled("checks")),
  );
  const last = await alive();
  // A watchdog notification would be sent together with each of these.
  for (const name of ["one", "two", "three", "four", "five"]) {
    now = reportOf({ loops: [loop(name, { dueMs: 90_000 })] });
    await eventually(`${name} is reported`, async () => (await received()).some(isStalled(name)));
  }
  assert.equal(await alive(), last, "no watchdog notification while a loop is stalled");

  ending.abort(new Error("stop"));
  await ended;
  await eventually(
    "the shutdown is received",
    async () => (await received()).at(-1) === "STOPPING=1",
  );
});

test("a missing systemd is a fault that may be retried", async (t) => {
  const socket = join(await throwAwayFolder(t), "none");
  const notifying = keepNotified(
    { socket, watchdogMs: undefined },
    { report: () => reportOf(), stopping: t.signal },
    systemClock,
    t.signal,
  );
  await assert.rejects(notifying, { code: "STATUS_NOTIFY_FAILED", retry: true });
});
