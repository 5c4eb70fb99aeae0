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

test("a report in words", () => {
  assert.equal(
    formatReport(reportOf()),
    `sidekick 1.2.3 is well: 1 of 1 instances announced, 1 of 1 files in force
ready; up for 1m
keyspace  etcd://127.0.0.1:2379 in reach for 1m
instance  web/10.0.0.1:80 up, announced
file      /etc/haproxy/haproxy.cfg served, in force at revision 17
loop      following works, last 1s ago
loop      haproxy.cfg works, last 1s ago
`,
  );
});

test("the first line says what is wrong, worst first", () => {
  assert.equal(
    headline(outOfReach()),
    "sidekick 1.2.3 works, but etcd://127.0.0.1:2379 is out of reach for 12s: no store answered",
  );
  const loops = [loop("health checks", { dueMs: 88_000 }), loop("announcing", failing)];
  assert.equal(
    headline(reportOf({ loops })),
    "sidekick 1.2.3 is not well: health checks hangs: last heard of 1s ago, and late by 12s; and 1 more",
  );
  assert.equal(
    headline(reportOf({ presence: undefined })),
    "sidekick 1.2.3 is well: 1 of 1 files in force",
  );
  assert.equal(
    headline(reportOf({ presence: undefined, watch: undefined })),
    "sidekick 1.2.3 is well",
  );
});

test("each line says what is so with one thing", () => {
  const line = (report: ReturnType<typeof reportOf>, start: string) =>
    formatReport(report)
      .split("\n")
      .find((text) => text.startsWith(start))
      ?.slice(start.length)
      .trim();
  const unknown = { state: "unknown" } as const;
  assert.equal(
    line(withTemplate(failing, "17"), "file"),
    "/etc/haproxy/haproxy.cfg failed, in force at revision 17: no store answered",
  );
  assert.equal(line(withTemplate(unknown), "file"), "/etc/haproxy/haproxy.cfg unknown");
  assert.equal(line(withTemplate(unknown), "loop      hap"), "roxy.cfg has not come round yet");
  assert.equal(
    line(withInstance({ verdict: "down", why: "tcp: refused", registered: false }), "instance"),
    "web/10.0.0.1:80 down, not announced: tcp: refused",
  );
  assert.equal(
    line(withInstance({ draining: true }), "instance"),
    "web/10.0.0.1:80 up, draining, announced",
  );
  const quarantined = [{ key: "/services/web/x", revision: "9", why: "its port is 0" }];
  assert.equal(
    line(withWatch({ quarantined }), "left out"),
    "/services/web/x (revision 9): its port is 0",
  );
  const held = [{ service: "web", retained: 8, live: 2, untilMs: 112_000 }];
  assert.equal(
    line(withWatch({ retained: held }), "held"),
    "web has 2 left and is shown with 8 that it has lost, for 12s more",
  );
  const lastGood = { savedAt: "2026-11-21T10:00:00.000Z", revision: "7" };
  assert.equal(
    line(withWatch({ cachedSnapshot: lastGood }), "in force"),
    "what was last known of the keyspace, as of 2026-11-21T10:00:00.000Z at revision 7",
  );
  const url = "etcd://127.0.0.1:2379";
  assert.equal(
    line(reportOf({ keyspace: { url, loops: [] } }), "keyspace"),
    `${url} was not reached yet`,
  );
  assert.equal(line(outOfReach(), "keyspace"), `${url} out of reach for 12s: no store answered`);
  assert.equal(
    readiness(withTemplate(unknown)),
    "not ready: /etc/haproxy/haproxy.cfg is not in force yet",
  );
});

test("what comes from elsewhere steers no terminal and adds no line", () => {
  const text = formatReport(withInstance({ verdict: "down", why: "\x1b[2Jall\nis well" }));
  assert.match(text, /: {2}\[2Jall is well\n/);
  assert.equal(text.split("\n").length, 8);
});
