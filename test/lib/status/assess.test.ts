import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusReport } from "../../../lib/status/contract.ts";
import { reasonKinds, reasonMeanings } from "../../../lib/status/reasons.ts";
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

/** Whether it is healthy, ready and degraded, and the kinds of the reasons. */
const assessed = ({ healthy, ready, degraded, reasons }: StatusReport) => [
  ...[healthy, ready, degraded],
  ...reasons.map(({ kind }) => kind),
];

const messages = ({ reasons }: StatusReport) => reasons.map(({ message }) => message);

const observed = (state: "in sync" | "out of sync" | "proxy down", why: string) => ({
  observed: { state, sinceMs: 90_000, why },
});

test("nothing to report", () => {
  assert.deepEqual(assessed(reportOf()), [true, true, false]);
  assert.deepEqual(assessed(reportOf({ presence: undefined, watch: undefined })), [
    ...[true, true, false],
  ]);
});

test("only a stalled loop makes it unhealthy", () => {
  const late = reportOf({ loops: [loop("health checks", { lastMs: 70_000, dueMs: 88_000 })] });
  assert.deepEqual(assessed(late), [false, false, true, "stalled"]);
  assert.deepEqual(messages(late), ["health checks is stalled, and has missed its deadline"]);
  assert.equal(late.reasons[0]?.since, at(88_000));
  const unhealthy = reasonKinds.filter((kind) => reasonMeanings[kind].isUnhealthy);
  assert.deepEqual(unhealthy, ["stalled"]);
});

test("not ready before discovery, checks, registration and the first verification are done", () => {
  const looking = reportOf({ presence: { instances: [], quarantined: [], isComplete: false } });
  assert.deepEqual(messages(looking), ["discovery has not completed"]);
  const fresh = { registered: false, wasRegistered: false } as const;
  assert.deepEqual(messages(withInstance(fresh)), [
    "web/10.0.0.1:80 is healthy, and not registered yet",
  ]);
  assert.deepEqual(messages(withInstance({ verdict: "unknown", ...fresh })), [
    "web/10.0.0.1:80 has not been checked yet",
  ]);
  const unverified = withTemplate({ state: "unknown" });
  assert.deepEqual(messages(unverified), ["/etc/haproxy/haproxy.cfg is not in sync yet"]);
  for (const report of [
    looking,
    unverified,
    withInstance(fresh),
    reportOf({ isShuttingDown: true }),
  ]) {
    assert.deepEqual(assessed(report).slice(0, 3), [true, false, true]);
  }
});

test("what may happen to a whole fleet at once makes no agent unready", () => {
  assert.deepEqual(assessed(outOfReach()), [true, true, true, "keyspace unreachable"]);
  assert.deepEqual(assessed(withTemplate(failing, "17")), [true, true, true, "file failing"]);
  const drifted = withTemplate({}, "17", observed("out of sync", "the file was changed"));
  assert.deepEqual(assessed(drifted), [true, true, true, "out of sync"]);
  const { keyspace, loops } = outOfReachFacts();
  const [first] = withInstance({ registered: false }).presence?.instances ?? [];
  assert.ok(first);
  const { drain: _drain, requestedWeight: _weight, destinations: _places, ...rest } = first;
  const { proxies: _reports, ...instance } = rest;
  const lost = reportOf({
    ...{ keyspace, loops },
    presence: {
      ...{ quarantined: [], isComplete: true },
      instances: [{ ...instance, sinceMs: 70_000 }],
    },
  });
  assert.deepEqual(assessed(lost), [true, true, true, "keyspace unreachable"]);
});

/** The keyspace was reached, and is not now. */
function outOfReachFacts() {
  const following = loop("following", failing);
  return { keyspace: { url: "etcd://127.0.0.1:2379", loops: [following] }, loops: [following] };
}

test("a proxy that is down makes this agent unready, until it was looked at again", () => {
  const down = withTemplate({}, "17", observed("proxy down", "haproxy is not running"));
  assert.deepEqual(assessed(down), [true, false, true, "proxy down"]);
  assert.deepEqual(messages(down), ["haproxy is not running"]);
  assert.equal(down.reasons[0]?.since, at(90_000));
  assert.deepEqual(assessed(withTemplate({}, "17", observed("in sync", ""))), [
    ...[true, true, false],
  ]);
});

test("an unhealthy or a draining instance does not make it unready", () => {
  const down = { verdict: "down", why: "tcp: refused", registered: false } as const;
  assert.deepEqual(assessed(withInstance(down)), [true, true, true, "instance unhealthy"]);
  const draining = withInstance({ registered: false, wasRegistered: false, draining: true });
  assert.deepEqual(assessed(draining), [true, true, false]);
});

test("a standby is ready and degraded", () => {
  const standby = withInstance({ registered: false, wasRegistered: false, standbyFor: "7587" });
  assert.deepEqual(assessed(standby), [true, true, true, "standby"]);
});

test("an entry that another program removed is a reason while the keyspace is reachable", () => {
  const lost = withInstance({ registered: false });
  assert.deepEqual(assessed(lost), [true, true, true, "loop failing"]);
  assert.deepEqual(messages(lost), ["web/10.0.0.1:80 is healthy, and its entry was lost"]);
});

test("a reason has since when it applies, what is served meanwhile and what to do", () => {
  const fault = { code: "INSTALL_CHECK_FAILED", message: "it exited with 1" };
  const consequence = "the previous file is kept";
  const report = withTemplate({ ...failing, fault: { ...fault, consequence } }, "17");
  assert.deepEqual(report.reasons, [
    {
      kind: "file failing",
      message: "/etc/haproxy/haproxy.cfg is failing: it exited with 1",
      since: at(88_000),
      meanwhile: consequence,
      advice:
        "correct the key, the template or the check command; it is retried; `sidekick retry` does so at once",
    },
  ]);
  const unusable = { fault: { code: "RENDER_SYNTAX", message: "line 3: …" }, sinceMs: 50_000 };
  assert.deepEqual(withTemplate({}, "17", { unusable }).reasons, [
    {
      kind: "template unusable",
      message: "line 3: …",
      since: at(50_000),
      meanwhile: "the previous template is used",
      advice: "mend or restore the template: it is read again as soon as it changes",
    },
  ]);
});

test("reasons come once each, the worst first", () => {
  assert.deepEqual(messages(outOfReach()), [
    "etcd://127.0.0.1:2379 is unreachable: no store answered",
  ]);
  const quarantined = [
    { key: "/services/web/x", revision: "9", why: "its port is 0", sinceMs: 90_000 },
  ];
  const retained = [
    { service: "web", retained: 8, live: 2, sinceMs: 90_000, untilMs: 112_000 },
    { service: "api", retained: 1, live: 0, sinceMs: 90_000, untilMs: Number.POSITIVE_INFINITY },
  ];
  const cachedSnapshot = { savedAt: "2026-11-21T10:00:00.000Z", revision: "7" };
  assert.deepEqual(messages(withWatch({ quarantined, retained, cachedSnapshot })), [
    "using the cached snapshot of 2026-11-21T10:00:00.000Z at revision 7",
    "web: 8 lost instances are retained by the mass-loss guard for 12s more, 2 left",
    "api: 1 lost instance is retained by the mass-loss guard until it has others, 0 left",
    "/services/web/x is quarantined: its port is 0",
  ]);
  const down = withTemplate(failing, undefined, observed("proxy down", "haproxy is not running"));
  assert.deepEqual(assessed(down).slice(3), ["proxy down", "file failing"]);
});
