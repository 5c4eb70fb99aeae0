import assert from "node:assert/strict";
import { test } from "node:test";
import type { Overview } from "../../../lib/overview/contract.ts";
import { formatOverview } from "../../../lib/overview/format.ts";
import type { ServingGroup } from "../../../lib/overview/serving.ts";
import type { StatusReport } from "../../../lib/status/contract.ts";
import {
  at,
  loop,
  outOfReach,
  reportOf,
  withInstance,
  withTemplate,
  withWatch,
} from "../status/facts.ts";
import { generation, overviewOf, poolsOf } from "./scene.ts";

const states = (overview: Overview, service = "web") =>
  overview.services
    .find(({ name }) => name === service)
    ?.instances.map(({ name, state, why }) => [name, state, why]);

test("the verdict of an agent without reasons counts what was verified", () => {
  const { verdict, reasons } = overviewOf({ pools: poolsOf({ "web/10.0.0.1:80": "10.0.0.1:80" }) });
  assert.deepEqual(verdict, {
    state: "in sync",
    sentence:
      "all files match the keyspace: 1 file in sync, 1 instance serving, 1 of 1 instance registered",
  });
  assert.deepEqual(reasons, []);
  const { verdict: registered } = overviewOf({ report: reportOf({ watch: undefined }) });
  assert.equal(
    registered.sentence,
    "all healthy instances are registered: 1 of 1 instance registered",
  );
});

test("the verdict names the worst reason, since when, and what is served meanwhile", () => {
  const { verdict, commands } = overviewOf({ report: outOfReach() });
  assert.equal(verdict.state, "degraded");
  assert.equal(verdict.sentence, "etcd://127.0.0.1:2379 is unreachable: no store answered");
  assert.equal(verdict.since, at(88_000));
  assert.match(verdict.meanwhile ?? "", /^files keep the last known state/);
  assert.deepEqual(commands, ["sidekick status"]);
  const unsynced = {
    kind: "not in sync yet",
    message: "it is not in sync yet",
    meanwhile: "",
    advice: "",
  } as const;
  const starting = { ...outOfReach(), reasons: [unsynced, ...outOfReach().reasons] };
  assert.deepEqual(
    overviewOf({ report: starting }).reasons.map(({ kind }) => kind),
    ["keyspace unreachable", "not in sync yet"],
  );
  assert.equal(
    overviewOf({ report: starting }).verdict.sentence,
    "etcd://127.0.0.1:2379 is unreachable: no store answered; and 1 more",
  );
  const both = { loops: [loop("checks", { dueMs: 88_000 }), loop("more", { dueMs: 88_000 })] };
  const stalled = overviewOf({ report: reportOf(both) });
  assert.equal(stalled.verdict.state, "unhealthy");
  assert.match(stalled.verdict.sentence, /; and 1 more$/);
});

test("nothing is claimed of an agent that has not reached the keyspace, or that stops", () => {
  const url = "etcd://127.0.0.1:2379";
  const unknown = { url, loops: [loop("following", { state: "unknown" as const })] };
  const unreached = overviewOf({ report: reportOf({ keyspace: unknown }) }).verdict;
  assert.deepEqual(unreached, {
    state: "starting",
    sentence: "the keyspace has not been reached yet",
  });
  const file = withTemplate({ state: "unknown" });
  assert.equal(overviewOf({ report: file }).verdict.state, "starting");
  const stopping = reportOf({ isShuttingDown: true });
  assert.equal(overviewOf({ report: stopping }).verdict.state, "shutting down");
});

test("an instance is what the watcher makes of its entry, the ones that need attention first", () => {
  const pools = poolsOf({
    "web/a": "10.0.0.1:80",
    "web/b": '{"host":"10.0.0.2","port":80,"weight":0}',
    "web/c": "nonsense",
    "web/d": "10.0.0.1:80",
  });
  const report = withWatch({
    quarantined: [
      { key: "/services/web/a", revision: "17", why: "haproxy refuses it", sinceMs: 90_000 },
    ],
  });
  const overview = overviewOf({ pools, report: { ...report, presence: undefined } as never });
  const [service] = overview.services;
  assert.deepEqual(
    states(overview)?.map(([name, state]) => [name, state]),
    [
      ["web/a", "quarantined"],
      ["web/c", "quarantined"],
      ["web/b", "draining"],
      ["web/d", "standby"],
    ],
  );
  assert.deepEqual(service?.counts, { quarantined: 2, draining: 1, standby: 1 });
  assert.equal(service?.instances[0]?.why, "haproxy refuses it");
  assert.equal(service?.instances[0]?.since, at(90_000));
  assert.equal(service?.instances[2]?.why, "its entry has weight 0");
  assert.deepEqual(overview.commands.slice(0, 2), ["sidekick status", "sidekick explain web/a"]);
});

test("an instance is serving only where a proxy was verified to have it", () => {
  const latest = poolsOf({
    "web/kept": "10.0.0.1:80",
    "web/new": "10.0.0.2:80",
    "web/leaving": '{"host":"10.0.0.3","port":80,"weight":0}',
  });
  const before = poolsOf({
    "web/kept": "10.0.0.1:80",
    "web/leaving": "10.0.0.3:80",
    "web/gone": "10.0.0.4:80",
  });
  const target = "/etc/haproxy/haproxy.cfg";
  const group = (more: Partial<ServingGroup> = {}): ServingGroup => ({
    ...{ targets: [target], made: before.byName, reads: (name) => name === "web", ...more },
  });
  const failing = withTemplate({
    state: "failing",
    fault: { code: "INSTALL_CHECK_FAILED", message: "unknown keyword\nmore" },
  });
  const shown = (report: StatusReport, ...groups: readonly ServingGroup[]) => {
    const alone = { ...report, presence: undefined } as never;
    return states(overviewOf({ report: alone, pools: latest, groups }));
  };
  const refused = `the file ${target} was refused: unknown keyword`;
  assert.deepEqual(shown(failing, group()), [
    ["web/new", "not served", `not served yet: ${refused}`],
    ["web/kept", "serving", ""],
    ["web/leaving", "serving", `weight 0 is not applied yet: ${refused}`],
    ["web/gone", "serving", `its entry is gone, and haproxy.cfg still has it: ${refused}`],
  ]);
  // Another file that has everything, or that reads another service.
  const current = group({ targets: ["/etc/map"], made: latest.byName });
  const [fresh] = shown(failing, group(), current)?.filter(([name]) => name === "web/new") ?? [];
  assert.deepEqual(fresh, ["web/new", "serving", `not served yet: ${refused}`]);
  const unrelated = { ...current, reads: () => false };
  assert.deepEqual(shown(failing, group(), unrelated), shown(failing, group()));
  const down = withTemplate({}, "17", {
    observed: { state: "proxy down", sinceMs: 0, why: "it does not answer" },
  });
  assert.deepEqual(
    shown(down, group({ made: latest.byName })),
    ["kept", "leaving", "new"].map((id) => [
      `web/${id}`,
      "not served",
      "the proxy of haproxy.cfg is down",
    ]),
  );
  const unverified = group({ made: undefined });
  assert.deepEqual(shown(reportOf(), unverified)?.[0], [
    ...["web/kept", "unknown", "no text of haproxy.cfg was accepted since the start"],
  ]);
  const pinned = group({ pinned: ({ key }) => ({ use: "absent", why: `${key} is not in it` }) });
  assert.deepEqual(shown(reportOf(), pinned)?.[0], [
    ...["web/kept", "not served", "haproxy.cfg: /services/web/kept is not in it"],
  ]);
  assert.deepEqual(shown(reportOf(), group({ made: latest.byName })), [
    ["web/leaving", "draining", "its entry has weight 0"],
    ["web/kept", "serving", ""],
    ["web/new", "serving", ""],
  ]);
});

test("a lost instance that is retained is shown with the end of the retention", () => {
  const pools = poolsOf({ "web/a": "10.0.0.1:80" });
  const web = pools.byName.get("web");
  assert.ok(web);
  const retained = web.instances.map((one) => ({ ...one, retained: true as const }));
  const byName = new Map([["web", { ...web, instances: retained, retained: true as const }]]);
  const report = withWatch({
    retained: [{ service: "web", retained: 1, live: 0, sinceMs: 90_000, untilMs: 160_000 }],
  });
  const alone = { ...report, presence: undefined } as never;
  assert.deepEqual(states(overviewOf({ pools: { ...pools, byName }, report: alone })), [
    ["web/a", "retained", "its entry is gone; retained by the mass-loss guard for 1m more"],
  ]);
});

test("an instance of this process is what its check, its entry and the watcher make of it", () => {
  const one = (more: Parameters<typeof withInstance>[0], isWatched = false) => {
    const pools = poolsOf(isWatched ? { "web/10.0.0.9:80": "10.0.0.9:80" } : {});
    return states(overviewOf({ report: withInstance(more), pools }))?.[0]?.slice(1);
  };
  assert.deepEqual(one({}), ["serving", ""]);
  assert.deepEqual(one({}, true), [
    "unknown",
    "registered; the watcher does not see its entry yet",
  ]);
  assert.deepEqual(one({ verdict: "down", registered: false, why: "connection refused" }), [
    "unhealthy",
    "connection refused",
  ]);
  assert.deepEqual(one({ verdict: "unknown", registered: false }), ["unknown", "not checked yet"]);
  assert.deepEqual(one({ registered: false })?.[0], "not registered");
  assert.deepEqual(one({ registered: false, standbyFor: "7588" })?.[0], "standby");
  const drain = {
    reason: "request",
    sinceMs: 90_000,
    untilMs: 110_000,
    waitingFor: ["b1"],
  } as const;
  assert.deepEqual(one({ draining: true, drain }), [
    "draining",
    `draining on request since ${at(90_000)}, for 10s more, waiting for b1`,
  ]);
  const both = withInstance({ verdict: "down", why: "connection refused" });
  const seen = poolsOf({ "web/10.0.0.1:80": "10.0.0.1:80" });
  assert.deepEqual(states(overviewOf({ report: both, pools: seen })), [
    ["web/10.0.0.1:80", "unhealthy", "connection refused"],
  ]);
});

test("the counts of each service add up to its instances, and 5000 are listed at the most", () => {
  const values = Object.fromEntries(
    Array.from({ length: 6000 }, (_, i) => {
      const address = `10.0.${Math.floor(i / 250)}.${i % 250}:80`;
      return [`s${i % 7}/${address}`, i % 100 === 0 ? "nonsense" : address];
    }),
  );
  const report = { ...reportOf(), presence: undefined } as never;
  const { services, omitted } = overviewOf({ pools: poolsOf(values), report });
  const total = services.flatMap(({ counts }) => Object.values(counts)).reduce((a, b) => a + b);
  const listed = services.flatMap(({ instances }) => instances);
  assert.equal(total, 6000);
  assert.equal(listed.length, 5000);
  assert.equal(omitted?.instances, 1000);
  assert.equal(listed.filter(({ state }) => state === "quarantined").length, 60);
});

test("changes of the last 15 minutes come first, and a file has its latest", () => {
  const old = generation(1, { at: at(100_000 - 16 * 60_000) });
  const overview = overviewOf({ generations: [old, generation(2), generation(3)] });
  assert.deepEqual(
    overview.changes.map(({ n }) => n),
    [3, 2],
  );
  assert.equal(overview.files[0]?.generation, 3);
  assert.deepEqual(overview.commands, ["sidekick status", "sidekick history", "sidekick diff 3"]);
});

test("what stands in an entry is no command and steers no terminal", () => {
  const pools = poolsOf({ "web/$(reboot)'": "x", "we\u001b[31mb/1": "y", "-c/1": "z" });
  const report = { ...reportOf(), presence: undefined } as never;
  const overview = overviewOf({ pools, report });
  const explained = overview.commands.filter((one) => one.includes("explain"));
  assert.ok(!explained.some((one) => one.startsWith("sidekick explain -")));
  assert.ok(!/[\u0000-\u0009\u000b-\u001f]/.test(formatOverview(overview)));
  const quoted = overviewOf({ pools: poolsOf({ "web/$(reboot)'": "x" }), report });
  assert.ok(quoted.commands.includes("sidekick explain 'web/$(reboot)'\\'''"));
});

test("sidekick fleet is a command where there are other watchers", () => {
  const watcher = { isSelf: false, prefixes: [], files: [] };
  const commands = (...ids: readonly string[]) =>
    overviewOf({ watchers: ids.map((id) => ({ id, ...watcher })) }).commands;
  const { configuration } = reportOf();
  assert.ok(commands("a", "b").includes(`sidekick fleet -c ${configuration.join(" ")}`));
  assert.ok(!commands("a").some((one) => one.includes("fleet")));
});

test("the plain text answers the questions in their order", () => {
  const pools = poolsOf({ "web/10.0.0.1:80": "10.0.0.1:80", "web/c": "nonsense" });
  const watchers = [
    {
      ...{ id: "a1.4711.x", isSelf: true, prefixes: ["/services"] },
      files: [
        {
          target: "/etc/haproxy/haproxy.cfg",
          state: "in sync" as const,
          generation: 2,
          revision: "17",
        },
      ],
    },
  ];
  const more = { pools, watchers, generations: [generation(2)] };
  assert.equal(
    formatOverview(overviewOf(more)),
    `IN SYNC: all files match the keyspace: 1 file in sync, 1 instance serving, 1 of 1 instance registered
sidekick 1.2.3 on a1, process 4711, etcd://127.0.0.1:2379, 2026-11-21T10:00:00Z

instances
  web: 1 serving, 1 quarantined
    quarantined    web/c: it is "nonsense": expected host:port, a URL or a JSON object
    serving        web/10.0.0.1:80

files
  in sync        /etc/haproxy/haproxy.cfg for 1m (revision 17, generation 2)

changes of the last 15 minutes
     2  0ms ago  haproxy.cfg  written  start

watchers
  a1.4711.x (this one)
    in sync      /etc/haproxy/haproxy.cfg, generation 2, revision 17

commands
  sidekick status
  sidekick explain web/c
  sidekick history
  sidekick diff 2
`,
  );
});
