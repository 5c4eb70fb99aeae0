import assert from "node:assert/strict";
import { test } from "node:test";
import { factsOf } from "../../../agents/status.ts";
import type { FollowedKeyspace } from "../../../agents/watch/followed-keyspace.ts";
import type { TemplateGroup } from "../../../agents/watch/groups.ts";
import { FollowedKeyspaces } from "../../../agents/watch/keyspaces.ts";
import { GroupPin } from "../../../agents/watch/pin/group-pin.ts";
import { createState } from "../../../agents/watch/state.ts";
import { GroupStatus, WatchLoops, watchFacts } from "../../../agents/watch/status.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { Fault } from "../../../lib/base/fault.ts";
import type { TemplatePlan } from "../../../lib/config/plan.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { Mounts } from "../../../lib/keyspace/mounts/mounts.ts";
import { SnapshotCache } from "../../../lib/keyspace/snapshot-cache.ts";
import { ReloadLimiter } from "../../../lib/proxy/reload-limiter.ts";
import type { TextSource } from "../../../lib/render/text-source.ts";
import { report as reportOf } from "../../../lib/status/report.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { emptyPools } from "../../../lib/view/pools.ts";
import { Quarantine } from "../../../lib/view/quarantine.ts";
import { Unrenderable } from "../../../lib/view/unrenderable.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";

const plan = (path: string, timeout: number): TemplatePlan => ({
  name: path,
  source: path,
  target: { path, check: { run: ["true"], timeout } },
  prefixes: ["/services"],
  format: "plain",
});

/** The status of a watcher with one group. Its templates are never used. */
async function watching(...plans: readonly TemplatePlan[]) {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const group: TemplateGroup = {
    title: "a, b",
    files: plans.map((one) => ({ plan: one, source: {} as TextSource })),
    ...{ prefixes: ["/services"], required: ["/services"] },
    edits: new Cell(0),
    retries: new Cell(0),
    proxy: undefined,
    limiter: new ReloadLimiter(0, clock),
    quarantine: new Quarantine({ firstMs: 1000, maxMs: 1000 }, clock, () => 0),
    pin: new GroupPin(),
    unrenderable: new Unrenderable({ firstMs: 1000, maxMs: 1000 }, clock, () => 0),
    resolvesNames: false,
    verified: undefined,
  };
  const status = new GroupStatus(group, clock);
  const loops = new WatchLoops(clock);
  const all = { maxLoss: 0.5, min: 0, retainMs: 5000, keepEmpty: false };
  const random = () => 0;
  const state = createState(
    {
      value: {
        services: "/services",
        limits: unlimited,
        guard: { all, services: {} },
        retry: { firstMs: 1000, maxMs: 1000 },
      },
    },
    { value: [group] },
    new Map(),
    { ...{ clock, random, log }, resolver: { lookup: async () => [] } },
  );
  const cache = await SnapshotCache.open(false, { url: "memory:", prefixes: [] }, log);
  const mounts = new Mounts(new MemoryStore(clock).open());
  const reading = { mounts, folders: ["/services"], id: "watcher.1", cache };
  const keyspaces = new FollowedKeyspaces(
    { ...reading, snapshot: state.snapshot, hasFallBacks: false },
    clock,
    log,
  );
  const [{ following }] = keyspaces.all as [FollowedKeyspace];
  const identity = { version: "1.2.3", pid: 4711, configuration: [], startedMs: 0, url: "memory:" };
  const report = () => {
    const facts = watchFacts([status], loops, state, keyspaces);
    return reportOf(factsOf({ ...identity, isShuttingDown: false }, [facts]), {
      nowMs: clock.now(),
      date: new Date(clock.now()),
    });
  };
  return { clock, status, following, report };
}

test("files are ready once each was verified, and a reconciliation may take as long as its commands", async () => {
  const { clock, status, following, report } = await watching(
    plan("/a", 90_000),
    plan("/b", 30_000),
  );
  following.succeed();
  assert.equal(report().ready, false);
  status.begin();
  await clock.advance(180_000);
  assert.equal(report().healthy, true);
  await clock.advance(1);
  assert.equal(report().healthy, false);
  status.verified("17");
  status.loop.succeed();
  assert.deepEqual([report().healthy, report().ready], [true, true]);
  assert.deepEqual(report().watch, {
    templates: ["/a", "/b"].map((target) => ({
      ...{ target, revision: "17", state: "in sync", why: "" },
      since: new Date(180_001).toISOString(),
    })),
    quarantined: [],
    retained: [],
  });
});

test("a deferred reconciliation may take that much longer", async () => {
  const { clock, status, following, report } = await watching(plan("/a", 0));
  following.succeed();
  status.deferred(100_000);
  await clock.advance(160_000);
  assert.equal(report().healthy, true);
  await clock.advance(1);
  assert.equal(report().healthy, false);
});

test("a watcher that never reaches the keyspace is stalled, unless it reports why", async () => {
  const { clock, following, report } = await watching(plan("/a", 0));
  await clock.advance(60_001);
  assert.equal(report().healthy, false);
  following.succeed();
  assert.deepEqual(report().keyspace, {
    ...{ url: "memory:", reachable: true, since: new Date(60_001).toISOString() },
  });
});

test("a template that cannot be used is part of the status until it can", async () => {
  const { clock, status, report } = await watching(plan("/a", 0), plan("/b", 0));
  const unusable = () => report().watch?.templates.map(({ unusable }) => unusable);
  const fault = new Fault("RENDER_SYNTAX", false, "a.hbs:3: expected a helper");
  await clock.advance(1000);
  status.templateRead("/b", fault);
  await clock.advance(1000);
  status.templateRead("/b", fault);
  const { code, message } = fault;
  assert.deepEqual(unusable(), [undefined, { code, message, since: new Date(1000).toISOString() }]);
  status.templateRead("/b", undefined);
  assert.deepEqual(unusable(), [undefined, undefined]);
});

test("an observed state of a file has the time at which it began", async () => {
  const { clock, status, report } = await watching(plan("/a", 0));
  status.verified("17");
  status.loop.succeed();
  await clock.advance(1000);
  status.observed([{ target: "/a", state: "proxy down", why: "haproxy is not running" }]);
  await clock.advance(1000);
  status.observed([{ target: "/a", state: "proxy down", why: "haproxy does not answer" }]);
  const [file] = report().watch?.templates ?? [];
  assert.deepEqual(
    [file?.state, file?.since, file?.why],
    ["proxy down", new Date(1000).toISOString(), "haproxy does not answer"],
  );
});

test("a proxy that is down is reported once, whatever the words; another difference of a file is news", async () => {
  const { status } = await watching(plan("/a", 0));
  const states = [
    ["proxy down", "its socket does not exist"],
    ["proxy down", "it may not be running"],
    ["proxy down", "its socket does not exist"],
    ["out of sync", "the file was changed"],
    ["out of sync", "the file was changed"],
    ["out of sync", "the file was removed"],
  ] as const;
  const reported = states.map(([state, why]) => status.observed([{ target: "/a", state, why }]));
  assert.deepEqual(
    reported.map(({ length }) => length),
    [1, 0, 0, 1, 0, 1],
  );
});

test("the cause of a failure is in doubt again if it is another one than before", async () => {
  const { status } = await watching(plan("/a", 1000));
  const isDoubted = (description: string) => {
    status.begin();
    status.end({
      outcome: new Fault("INSTALL_UNWRITABLE", true, "/a cannot be replaced"),
      ...{ retries: 0, pools: emptyPools("/services") },
      causes: { description, isDoubtful: true },
    });
    return status.attempt.failed?.isDoubtful;
  };
  assert.equal(isDoubted("its folder is missing"), true);
  assert.equal(isDoubted("its folder is back"), true);
  assert.equal(isDoubted("its folder is back"), false);
});
