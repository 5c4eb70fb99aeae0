import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReport, headline } from "../../../lib/status/format.ts";
import {
  at,
  failing,
  loop,
  outOfReach,
  reportOf,
  withInstance,
  withTemplate,
  withWatch,
} from "./facts.ts";

/** A date without milliseconds. */
const seconds = (ms: number) => at(ms).replace(".000Z", "Z");

test("a report for people", () => {
  assert.equal(
    formatReport(reportOf()),
    `sidekick 1.2.3 is healthy: 1 of 1 instances registered, 1 of 1 files in sync
healthy, ready; up for 1m
keyspace    etcd://127.0.0.1:2379 reachable for 1m
instance    web/10.0.0.1:80 healthy for 30s, registered
file        /etc/haproxy/haproxy.cfg in sync for 1m, last verified at revision 17
loop        following ok, last 1s ago
loop        haproxy.cfg ok, last 1s ago
`,
  );
});

test("the first line has the state, and the worst reason for it", () => {
  assert.equal(
    headline(outOfReach()),
    "sidekick 1.2.3 is degraded: etcd://127.0.0.1:2379 is unreachable: no store answered (for 12s, " +
      `since ${seconds(88_000)}); files keep the last known state, and registered entries stay until their TTL ` +
      "expires; check the store, and the network to it",
  );
  const loops = [loop("health checks", { dueMs: 88_000 }), loop("registering", failing)];
  assert.equal(
    headline(reportOf({ loops })),
    "sidekick 1.2.3 is unhealthy: health checks is stalled, and has missed its deadline (for 12s, " +
      `since ${seconds(88_000)}); restart the agent unless that is done automatically; and 1 more`,
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
  const drain = {
    ...({ reason: "request", sinceMs: 40_000, untilMs: 105_000 } as const),
    waitingFor: ["edge", "front"],
  };
  assert.equal(
    line(withTemplate(failing, "17"), "file"),
    "/etc/haproxy/haproxy.cfg failing for 12s, last verified at revision 17: no store answered",
  );
  assert.equal(line(withTemplate(unknown), "file"), "/etc/haproxy/haproxy.cfg unknown for 1m");
  assert.equal(line(withTemplate(unknown), "loop        hap"), "roxy.cfg has not reported yet");
  assert.equal(
    line(withInstance({ verdict: "down", why: "tcp: refused", registered: false }), "instance"),
    "web/10.0.0.1:80 unhealthy for 30s, not registered: tcp: refused",
  );
  assert.equal(
    line(withInstance({ draining: true, drain }), "instance"),
    "web/10.0.0.1:80 healthy for 30s, draining on request since 2026-11-21T09:59:00.000Z, for 5s more, waiting for edge, front, registered",
  );
  const ended = { ...drain, untilMs: 0, waitingFor: [] };
  const requestedWeight = { weight: 20, sinceMs: 40_000 };
  assert.equal(
    line(
      withInstance({ draining: true, drain: ended, registered: false, requestedWeight }),
      "instance",
    ),
    "web/10.0.0.1:80 healthy for 30s, drained on request since 2026-11-21T09:59:00.000Z, weight 20 on request since 2026-11-21T09:59:00.000Z, not registered",
  );
  const quarantined = [
    { key: "/services/web/x", revision: "9", why: "its port is 0", sinceMs: 90_000 },
  ];
  assert.equal(
    line(withWatch({ quarantined }), "quarantined"),
    "/services/web/x (revision 9): its port is 0",
  );
  const retained = [{ service: "web", retained: 8, live: 2, sinceMs: 90_000, untilMs: 112_000 }];
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
});

test("reasons other than the worst one have a line each", () => {
  const observed = { state: "proxy down", sinceMs: 90_000, why: "haproxy is not running" } as const;
  const lines = formatReport(withTemplate(failing, "17", { observed })).split("\n");
  assert.match(lines[0] ?? "", /is degraded and not ready: haproxy is not running \(for 10s/);
  assert.match(
    lines[1] ?? "",
    /^reason {6}\/etc\/haproxy\/haproxy.cfg is failing: no store answered/,
  );
});

test("text from elsewhere steers no terminal and adds no line", () => {
  const text = formatReport(withInstance({ verdict: "down", why: "\x1b[2Jall\nis fine" }));
  assert.match(text, /: \\x1b\[2Jall\\nis fine\n/);
  assert.equal(text.split("\n").length, 8);
});

test("each mounted keyspace has a line, and a reason while it is unreachable", () => {
  const [url, folder] = ["zk://127.0.0.1:2181", "/legacy"];
  const following = loop("following the keyspace at /legacy", failing);
  const report = reportOf({ mounts: [{ folder, url, loops: [following] }], loops: [following] });
  assert.deepEqual(report.mounts, [
    {
      ...{ folder, url, reachable: false, since: at(88_000) },
      fault: { code: "KEYSPACE_UNREACHABLE", message: "no store answered" },
    },
  ]);
  assert.equal(report.keyspace.reachable, true);
  assert.deepEqual(
    report.reasons.map(({ kind, message }) => `${kind}: ${message}`),
    [
      "keyspace unreachable: zk://127.0.0.1:2181, mounted at /legacy, is unreachable: no store answered",
    ],
  );
  assert.match(
    formatReport(report),
    /^mounted {5}\/legacy zk:\/\/127\.0\.0\.1:2181 unreachable for 12s: no store answered$/m,
  );
});
