import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { WatchPlan } from "../../../lib/config/plan.ts";
import { readWithSuspects } from "../../../lib/keyspace/suspects/read.ts";
import { eventually } from "../../support/process.ts";
import { watchScene } from "./scene.ts";

const everyMs = 10_000;
const [good, bad] = ["10.0.0.1:80", "10.0.0.2:80"];
const key = `/services/web/${bad}`;

/** A watcher in sync, whose proxy uses two instances. */
async function scene(t: TestContext, plan: Partial<WatchPlan> = { observeMs: everyMs }) {
  const started = await watchScene(t, { plan });
  const { clock, proxy, register, run, becomes, logged, report, store } = started;
  await register("web", good, bad);
  run();
  await clock.advance(0);
  await becomes(`web: ${good}*1 ${bad}*1\n`);
  await logged("applied");
  let total = 0;
  /** The proxy counts further requests to both, and is asked for them; of those to one some or all fail. */
  const passes = async (failing: number, down?: string) => {
    total += 100;
    const { counted } = proxy;
    const failed = counted.find(({ address }) => address === bad)?.failedConnections ?? 0;
    const sample = { pool: "bk", requests: total, failedResponses: 0 };
    proxy.counted = [
      { ...sample, address: good, failedConnections: 0 },
      { ...sample, address: bad, failedConnections: failed + failing, ...(down && { down }) },
    ];
    const { asked } = proxy;
    await eventually("the proxy is asked", async () => {
      if (proxy.asked === asked) await clock.advance(1000);
      return proxy.asked > asked;
    });
    await clock.advance(0);
  };
  const reported = async () => {
    const { suspects: all } = await readWithSuspects(store.open(), [], never);
    return all.map(({ watcher, suspects }) => [watcher, Object.fromEntries(suspects)]);
  };
  const becomesReported = (expected: unknown[]) =>
    eventually("it is reported", async () => {
      await clock.advance(1000);
      return JSON.stringify(await reported()) === JSON.stringify(expected);
    });
  const listed = () => report().watch?.suspects?.first.map((one) => `${one.key} ${one.by}`);
  return { ...started, passes, reported, becomesReported, listed };
}

const unconnected = { suspicion: "cannot connect", why: "" };

test("an instance that the proxy fails to use is in an entry of the watcher, and in its status, until it works", async (t) => {
  const { passes, reported, becomesReported, listed, report } = await scene(t);
  await passes(0);
  await passes(100);
  await passes(100);
  await becomesReported([["watcher.1", { [key]: unconnected }]]);
  assert.deepEqual(listed(), [`${key} the proxy`]);
  assert.equal(report().watch?.suspects?.count, 1);
  assert.equal(report().degraded, false, "that is up to the agent of the instance");
  await passes(0);
  await becomesReported([]);
  assert.equal(listed(), undefined);
  assert.deepEqual(await reported(), []);
});

test("an instance that is deregistered, or drained, is not reported any longer", async (t) => {
  const { passes, becomesReported, deregister, becomes, clock } = await scene(t);
  await passes(0, "the proxy's check cannot connect (L4CON)");
  await passes(0, "the proxy's check cannot connect (L4CON)");
  const excluded = { suspicion: "excluded", why: "the proxy's check cannot connect (L4CON)" };
  await becomesReported([["watcher.1", { [key]: excluded }]]);
  await deregister("web", bad);
  await clock.advance(100);
  await becomes(`web: ${good}*1\n`);
  await passes(0, "the proxy's check cannot connect (L4CON)");
  await becomesReported([]);
});

test("a proxy that is down is not asked, and has nothing against instances", async (t) => {
  const { passes, becomesReported, proxy, clock } = await scene(t);
  await passes(0);
  await passes(100);
  await passes(100);
  await becomesReported([["watcher.1", { [key]: unconnected }]]);
  proxy.observed = { state: "down", why: "it is not running" };
  await becomesReported([]);
  const { asked } = proxy;
  await clock.advance(60_000);
  assert.equal(proxy.asked, asked);
});

test("with observe: false the proxy is not asked, and with acknowledge: false nothing is written", async (t) => {
  const off = await scene(t, {});
  await off.clock.advance(60_000);
  assert.equal(off.proxy.asked, 0);

  const quiet = await scene(t, { observeMs: everyMs, acknowledge: false });
  await quiet.passes(0);
  await quiet.passes(100);
  await quiet.passes(100);
  assert.deepEqual(quiet.listed(), [`${key} the proxy`]);
  await quiet.clock.advance(10_000);
  assert.deepEqual(await quiet.reported(), []);
});
