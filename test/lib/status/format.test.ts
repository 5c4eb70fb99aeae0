import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReport, headline, readiness } from "../../../lib/status/format.ts";
import {
  failing,
  loop,
  outOfReach,
  reportOf,
  withInstance,
  withTemplate,
  withWatch,
} from "./facts.ts";

test("a report for people", () => {
  assert.equal(
    formatReport(reportOf()),
    `sidekick 1.2.3 is healthy: 1 of 1 instances registered, 1 of 1 files in sync
ready; up for 1m
keyspace    etcd://127.0.0.1:2379 reachable for 1m
instance    web/10.0.0.1:80 healthy, registered
file        /etc/haproxy/haproxy.cfg in sync, verified at revision 17
loop        following ok, last 1s ago
loop        haproxy.cfg ok, last 1s ago
`,
  );
});

test("the first line has the state, and the worst reason for it", () => {
  assert.equal(
    headline(outOfReach()),
    "sidekick 1.2.3 is degraded: etcd://127.0.0.1:2379 has been unreachable for 12s: no store answered",
  );
  const loops = [loop("health checks", { dueMs: 88_000 }), loop("registering", failing)];
  assert.equal(
    headline(reportOf({ loops })),
    "sidekick 1.2.3 is unhealthy: health checks: stalled, last report 1s ago, overdue by 12s; and 1 more",
  );
  assert.equal(
    headline(reportOf({ presence: undefined })),
    "sidekick 1.2.3 is healthy: 1 of 1 files in sync",
  );
  assert.equal(
    headline(reportOf({ presence: undefined, watch: undefined })),
    "sidekick 1.2.3 is healthy",
  );
});

test("each line has the state of one thing", () => {
  const line = (report: ReturnType<typeof reportOf>, start: string) =>
    formatReport(report)
      .split("\n")
      .find((text) => text.startsWith(start))
      ?.slice(start.length)
      .trim();
  const unknown = { state: "unknown" } as const;
  assert.equal(
    line(withTemplate(failing, "17"), "file"),
    "/etc/haproxy/haproxy.cfg failing, verified at revision 17: no store answered",
  );
  assert.equal(line(withTemplate(unknown), "file"), "/etc/haproxy/haproxy.cfg unknown");
  assert.equal(line(withTemplate(unknown), "loop        hap"), "roxy.cfg has not reported yet");
  assert.equal(
    line(withInstance({ verdict: "down", why: "tcp: refused", registered: false }), "instance"),
    "web/10.0.0.1:80 unhealthy, not registered: tcp: refused",
  );
  assert.equal(
    line(withInstance({ draining: true }), "instance"),
    "web/10.0.0.1:80 healthy, draining, registered",
  );
  const quarantined = [{ key: "/services/web/x", revision: "9", why: "its port is 0" }];
  assert.equal(
    line(withWatch({ quarantined }), "quarantined"),
    "/services/web/x (revision 9): its port is 0",
  );
  const retained = [{ service: "web", retained: 8, live: 2, untilMs: 112_000 }];
  assert.equal(
    line(withWatch({ retained }), "retained"),
    "web: 8 lost instances are retained by the mass-loss guard for 12s more, 2 left",
  );
  const cachedSnapshot = { savedAt: "2026-11-21T10:00:00.000Z", revision: "7" };
  assert.equal(
    line(withWatch({ cachedSnapshot }), "using"),
    "the cached snapshot of 2026-11-21T10:00:00.000Z at revision 7",
  );
  const url = "etcd://127.0.0.1:2379";
  assert.equal(
    line(reportOf({ keyspace: { url, loops: [] } }), "keyspace"),
    `${url} has not been reached yet`,
  );
  assert.equal(line(outOfReach(), "keyspace"), `${url} unreachable for 12s: no store answered`);
  assert.equal(
    readiness(withTemplate(unknown)),
    "not ready: /etc/haproxy/haproxy.cfg is not in sync yet",
  );
});

test("text from elsewhere steers no terminal and adds no line", () => {
  const text = formatReport(withInstance({ verdict: "down", why: "\x1b[2Jall\nis fine" }));
  assert.match(text, /: \\x1b\[2Jall\\nis fine\n/);
  assert.equal(text.split("\n").length, 8);
});
