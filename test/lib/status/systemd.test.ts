import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusReport } from "../../../lib/status/contract.ts";
import { nothingSent, notificationOf, supervisorOf } from "../../../lib/status/systemd.ts";
import { at, loop, outOfReach, reportOf, withTemplate } from "./facts.ts";

test("systemd is there where its socket is named, and its watchdog where it means this process", () => {
  const socket = "/run/systemd/notify";
  const env = { NOTIFY_SOCKET: socket };
  assert.equal(supervisorOf({}, 7), undefined);
  assert.deepEqual(supervisorOf(env, 7), { socket, watchdogMs: undefined });
  const watchdog = { ...env, WATCHDOG_USEC: "30000000" };
  assert.equal(supervisorOf(watchdog, 7)?.watchdogMs, 30_000);
  assert.equal(supervisorOf({ ...watchdog, WATCHDOG_PID: "7" }, 7)?.watchdogMs, 30_000);
  assert.equal(supervisorOf({ ...watchdog, WATCHDOG_PID: "8" }, 7)?.watchdogMs, undefined);
  assert.equal(supervisorOf({ ...env, WATCHDOG_USEC: "0" }, 7)?.watchdogMs, undefined);
});

const start = nothingSent;
const starting = withTemplate({ state: "unknown" });
const hanging = reportOf({ loops: [loop("checks", { dueMs: 90_000 })] });

/** The lines that are sent at each of these times, with a watchdog that is notified every 5 s. */
function telling(...given: readonly [atMs: number, report: StatusReport][]): readonly string[][] {
  let sent = start;
  return given.map(([atMs, report]) => {
    const next = notificationOf(sent, report, atMs, 5000);
    sent = next.sent;
    return next.lines.map((line) => line.replace(/^STATUS=.*/, "STATUS"));
  });
}

test("READY is sent once, and the status line when it has changed", () => {
  assert.deepEqual(
    telling(
      [0, starting],
      [250, starting],
      [500, reportOf()],
      [2000, reportOf()],
      [2500, starting],
    ),
    [["WATCHDOG=1", "STATUS"], [], ["READY=1", "STATUS"], [], ["STATUS"]],
  );
  const { lines } = notificationOf(start, starting, 0, undefined);
  assert.deepEqual(lines, [
    `STATUS=sidekick 1.2.3 is degraded and not ready: /etc/haproxy/haproxy.cfg is not in sync yet, since ${at(40_000).replace(".000Z", "Z")}`,
  ]);
});

test("it is alive for as long as no loop hangs, whatever else is wrong", () => {
  assert.deepEqual(
    telling(
      [0, reportOf()],
      [4999, reportOf()],
      [9000, outOfReach()],
      [14_000, hanging],
      [19_000, hanging],
      [24_000, reportOf()],
    ),
    [
      ["READY=1", "WATCHDOG=1", "STATUS"],
      ["WATCHDOG=1"],
      ["STATUS"],
      ["STATUS"],
      [],
      ["WATCHDOG=1", "STATUS"],
    ],
  );
});
