import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { keepNotified } from "../../lib/status/systemd.ts";
import { loop, reportOf, withTemplate } from "../lib/status/facts.ts";
import { eventually, start, throwAwayFolder } from "../support/process.ts";

/** Listens where systemd would: a datagram socket, what comes in is read as it is. */
async function notified(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [socket, file] = [join(folder, "notify"), join(folder, "heard")];
  const listen = ["systemd-socket-activate", "--datagram", "--inetd", `--listen=${socket}`];
  const listener = start(t, [...listen, "sh", "-c", `exec cat > ${file}`]);
  await eventually("somebody listens", () => listener.output().includes("Listening on"));
  const heard = async () => {
    const text = await readFile(file, "utf8").catch(() => "");
    // What systemd-notify adds so that it knows when it was heard.
    return text.replaceAll("BARRIER=1", "\n").split("\n").filter(Boolean);
  };
  return { socket, heard };
}

test("systemd hears when an agent is ready, that it is alive for as long as it is, and that it leaves", async (t) => {
  const { socket, heard } = await notified(t);
  const ending = new AbortController();
  let now = withTemplate({ state: "unknown" });
  const told = keepNotified(
    { socket, watchdogMs: 200 },
    { report: () => now, stopping: ending.signal },
    systemClock,
    ending.signal,
  );
  const ended = assert.rejects(told, new Error("stop"));

  const starting = "STATUS=not ready: /etc/haproxy/haproxy.cfg is not in sync yet";
  await eventually("it is told of", async () => (await heard()).includes(starting));
  assert.ok(!(await heard()).includes("READY=1"));

  now = reportOf();
  await eventually("it is ready", async () => (await heard()).includes("READY=1"));
  const alive = async () => (await heard()).filter((line) => line === "WATCHDOG=1").length;
  const before = await alive();
  await eventually("it goes on being alive", async () => (await alive()) >= before + 3);

  now = reportOf({ loops: [loop("checks", { dueMs: 90_000 })] });
  const hangs = (name: string) => (line: string) =>
    line.startsWith(`STATUS=sidekick 1.2.3 is unhealthy: ${name}: stalled`);
  await eventually("it hangs", async () => (await heard()).some(hangs("checks")));
  const last = await alive();
  // At each of these times it would say that it is alive.
  for (const name of ["one", "two", "three", "four", "five"]) {
    now = reportOf({ loops: [loop(name, { dueMs: 90_000 })] });
    await eventually(`${name} hangs`, async () => (await heard()).some(hangs(name)));
  }
  assert.equal(await alive(), last, "nothing that hangs is alive");

  ending.abort(new Error("stop"));
  await ended;
  await eventually("it leaves", async () => (await heard()).at(-1) === "STOPPING=1");
});

test("a systemd that is not there is a fault that can be tried again", async (t) => {
  const socket = join(await throwAwayFolder(t), "none");
  const told = keepNotified(
    { socket, watchdogMs: undefined },
    { report: () => reportOf(), stopping: t.signal },
    systemClock,
    t.signal,
  );
  await assert.rejects(told, { code: "STATUS_NOTIFY_FAILED", retry: true });
});
