import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { WatchPlan } from "../../../lib/config/plan.ts";
import { readWithSuspects } from "../../../lib/keyspace/suspects/read.ts";
import { eventually } from "../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "./scene.ts";

const keyOf = (n: number) => `/services/web/10.0.0.${n}:80`;

/** A running watcher, and instances of two zones: 1 is in a, 2 in b. */
async function scene(t: TestContext, options: WatchSceneOptions = {}) {
  const made = await watchScene(t, options);
  const { clock, text } = made;
  const session = await made.store.open().open(3_600_000, never);
  const put = async (n: number, zone: string) => {
    const value = { host: `10.0.0.${n}`, port: 80, labels: { zone } };
    await session.put(keyOf(n), JSON.stringify(value), never);
  };
  await put(1, "a");
  await put(2, "b");
  made.run();
  /** Waits while time goes on until something is there. */
  const until = (what: string, isSo: () => boolean | Promise<boolean>, stepMs = 50) =>
    eventually(what, async () => {
      await clock.advance(stepMs);
      return await isSo();
    });
  /** Waits until the file has exactly these instances, by number and weight. */
  const has = (weights: string) => until(weights, async () => weightsOf(await text()) === weights);
  await has("1*1 2*1");
  return { ...made, put, until, has };
}

function weightsOf(text: string): string {
  const found = text.matchAll(/10\.0\.0\.(\d+):80\*(\d+)/g);
  return Array.from(found, ([, n, weight]) => `${n}*${weight}`).join(" ");
}

const policies = (all: NonNullable<WatchPlan["policies"]>["all"]): Partial<WatchPlan> => ({
  policies: { all, services: {} },
});

test("policies come and go: files follow without a change of keys, and an instance that is new stays new", async (t) => {
  const { replacePlan, put, has, until, text } = await scene(t, { weighs: true });
  await replacePlan(policies({ zones: { label: "zone", value: "a", spill: 0.7, min: 1 } }));
  await until("only the own zone is served", async () => /^1\*\d+$/.test(weightsOf(await text())));
  await replacePlan({});
  await has("1*1 2*1");
  const slow = (windowMs: number) => policies({ slowStart: { windowMs, aggression: 1, min: 0.1 } });
  await replacePlan(slow(600_000));
  await put(3, "a");
  const isSlow = async () => /^1\*256 2\*256 3\*(26|27)$/.test(weightsOf(await text()));
  await until("the third one starts slowly, and no other one", isSlow);
  await replacePlan(slow(3_600_000));
  await put(4, "a");
  await until("both are new", async () =>
    /^1\*256 2\*256 3\*2\d 4\*2\d$/.test(weightsOf(await text())),
  );
  await replacePlan({});
  await has("1*1 2*1 3*1 4*1");
});

test("other entries are trusted at once, and those of before again after it", async (t) => {
  const { replacePlan, has, report } = await scene(t);
  await replacePlan({
    trust: { services: { web: { hosts: ["10.0.0.1"] } }, otherwise: "accept" },
  });
  await has("1*1");
  assert.match(JSON.stringify(report().watch), /not trusted/);
  await replacePlan({});
  await has("1*1 2*1");
});

test("proxies are observed from now on, and no longer; a reload that leaves it alone changes nothing of what is reported", async (t) => {
  const { replacePlan, another, proxy, store, keyspace, until, report } = await scene(t);
  const reported = async () =>
    (await readWithSuspects(store.open(), [], never)).suspects.flatMap(({ suspects }) => [
      ...suspects.keys(),
    ]);
  let total = 0;
  const count = () => {
    total += 100;
    const sample = { pool: "bk", requests: total, failedResponses: 0 };
    proxy.counted = [
      { ...sample, address: "10.0.0.1:80", failedConnections: 0 },
      { ...sample, address: "10.0.0.2:80", failedConnections: total },
    ];
  };
  let { asked } = proxy;
  const isReported = async () => {
    if (proxy.asked > asked) count();
    asked = proxy.asked;
    return (await reported()).join() === keyOf(2);
  };
  count();
  await replacePlan({ observeMs: 1000 });
  await until("the agent of the second one learns of it", isReported, 500);
  const sessions = keyspace.opened;
  const since = report().watch?.suspects?.first[0]?.since;
  const more = await another("more", "{{#each services}}{{name}} {{/each}}");
  await replacePlan({ observeMs: 1000, others: [more.plan] });
  await until("the new file", async () => (await more.text()) === "web ");
  assert.deepEqual(await reported(), [keyOf(2)]);
  assert.equal(report().watch?.suspects?.first[0]?.since, since);
  assert.equal(keyspace.opened, sessions);
  await replacePlan({ others: [more.plan] });
  await until("it is not reported any longer", async () => (await reported()).length === 0, 500);
  ({ asked } = proxy);
  await until("time goes on", () => true);
  assert.equal(proxy.asked, asked);
});

test("the proxy of a template that comes takes its turns, too", async (t) => {
  const together: WatchPlan["together"] = {
    group: "edge",
    max: { count: 1 },
    holdMs: 60_000,
    settleMs: 100,
    otherwise: { waitMs: 60_000, isAlone: true },
    canary: false,
  };
  const { agent, replacePlan, another, put, until, count, text } = await scene(t, {
    plan: { together },
  });
  const more = await another(
    "more",
    "{{#each services}}{{#each instances}}{{address}} {{/each}}{{/each}}",
  );
  const proxy = {
    type: "command" as const,
    run: ["true", "more"],
    minInterval: 0,
    timeout: 30_000,
  };
  await replacePlan({ together, others: [{ ...more.plan, proxy }] });
  await until("the new file", async () => (await more.text()) !== "");
  assert.ok(agent.parts.groups.every(({ turn }) => turn !== undefined));
  await put(3, "a");
  await until("both have reloaded, each in its turn", () => count("turn_ended") === 2);
  assert.match(await text(), /10\.0\.0\.3/);
  assert.match(await more.text(), /10\.0\.0\.3/);
});

test("the entries of this host are others after a reload", async (t) => {
  const { replacePlan, register, report, until } = await scene(t);
  const ownHost = { name: "here", keys: ["/services/web/127.0.0.1:80"], folders: { "": true } };
  await register("web", "127.0.0.1:80");
  await replacePlan({ ownHost: { ...ownHost, keys: [] } });
  await until("it is doubted", () => /127\.0\.0\.1/.test(JSON.stringify(report().watch?.doubted)));
  await replacePlan({ ownHost });
  await until("it is not doubted any longer", () => report().watch?.doubted === undefined);
});
