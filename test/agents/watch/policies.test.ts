import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { asksFolder, encodeAsk } from "../../../lib/model/ask-entry.ts";
import { encodeWatcherEntry, watchersFolder } from "../../../lib/model/watcher-entry.ts";
import type { Policy } from "../../../lib/view/policies/contract.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "./scene.ts";

const slowStart = { windowMs: 20_000, aggression: 1, min: 0.1 };
const zones = { label: "zone", value: "a", spill: 0.7, min: 1 };

/** The weights in a text, by the last number of the address. */
function weightsIn(text: string): ReadonlyMap<number, number> {
  const found = text.matchAll(/10\.0\.0\.(\d+):80\*(\d+)/g);
  return new Map([...found].map(([, n, weight]) => [Number(n), Number(weight)]));
}

/** A watcher with policies for all services. */
async function scene(t: TestContext, all: Policy, options: WatchSceneOptions = {}) {
  const plan = { policies: { all, services: {} } };
  const made = await watchScene(t, { ...options, plan: { ...plan, ...options.plan } });
  const session = await made.store.open().open(3_600_000, never);
  /** Registers an instance by its number. */
  const put = async (n: number, more: object = {}) => {
    const value = { host: `10.0.0.${n}`, port: 80, ...more };
    await session.put(keyOf(n), JSON.stringify(value), never);
  };
  /** Lets time pass until the proxy was given the expected weights. */
  const weights = async (what: string, isIt: (weights: ReadonlyMap<number, number>) => boolean) => {
    return await eventually(what, async () => {
      await made.clock.advance(1000);
      const found = weightsIn(made.proxy.attempts.at(-1)?.texts[0] ?? "");
      return isIt(found) ? found : undefined;
    });
  };
  return { ...made, session, put, weights };
}

const keyOf = (n: number) => `/services/web/10.0.0.${n}:80`;

test("a new instance gets ever more requests, and the proxy is never reloaded for that", async (t) => {
  const { put, weights, run, proxy, clock, agent, log } = await scene(
    t,
    { slowStart },
    { weighs: true },
  );
  for (const n of [1, 2, 3]) await put(n);
  run();
  await weights("the first ones have all of their weight", ({ size }) => size === 3);
  const putMs = clock.now();
  await put(4);
  const last = await weights("the fourth one has, too", (now) => now.get(4) === 256);
  assert.deepEqual([...last.values()], [256, 256, 256, 256]);
  const states = proxy.attempts.map(({ texts: [text = ""], atMs }) => {
    return { atMs, weights: weightsIn(text) };
  });
  const first = states.find((one) => one.weights.has(4)) ?? assert.fail();
  let before = 0;
  for (const { atMs, weights } of states.slice(states.indexOf(first))) {
    const weight = weights.get(4) ?? 0;
    assert.ok(weight > before, `${weight} after ${before}`);
    const most = 256 * Math.max(0.1, (atMs - putMs) / slowStart.windowMs);
    assert.ok(weight <= Math.ceil(most), `${weight} of ${most}`);
    assert.deepEqual(
      [1, 2, 3].map((n) => weights.get(n)),
      [256, 256, 256],
    );
    before = weight;
  }
  assert.equal(first.weights.get(4), 26);
  assert.ok(states.length >= 4, String(states.length));
  const [start, ...later] = agent.journal.facts.since(0).facts.map(({ generation }) => generation);
  assert.ok(start);
  assert.deepEqual(
    later.filter(({ how }) => how !== "adjusted" && how !== "same"),
    [],
  );
  assert.ok(later.some(({ cause }) => cause.reasons.includes("policy")));
  assert.ok(!log.events.includes("slow_start_off"));
});

test("a share for which the proxy would be reloaded is not applied, and after a reload there are no further ones", async (t) => {
  const { put, weights, run, proxy, agent, clock, log, logged } = await scene(
    t,
    { slowStart },
    { weighs: true },
  );
  for (const n of [1, 2, 3]) await put(n);
  run();
  await weights("they are served", ({ size }) => size === 3);
  // Whatever it is that needs a reload, a further instance is not it.
  const sizes = (texts: readonly (string | undefined)[]) =>
    texts.map((text) => weightsIn(text ?? "").size);
  proxy.canAdjust = ({ files }) => {
    return files.every(({ loaded, desired }) => new Set(sizes([loaded, desired])).size === 2);
  };
  await put(4);
  await weights("the fourth is there", (now) => now.get(4) === 26);
  const { length } = proxy.attempts;
  const { facts } = agent.journal;
  const known = facts.latest.value;
  await eventually("three steps are over", async () => {
    await clock.advance(100);
    return facts.latest.value >= known + 4;
  });
  assert.equal(proxy.attempts.length, length);
  // It seems to need none, and does.
  proxy.canAdjust = () => true;
  proxy.apply = async ({ files }) => {
    proxy.attempts.push({ atMs: clock.now(), texts: files.map(({ desired }) => desired) });
    return "reloaded";
  };
  await eventually("slow start ends", async () => {
    await clock.advance(100);
    return log.events.includes("slow_start_off");
  });
  await logged("slow_start_off");
  await weights("it has all of its weight", (now) => now.get(4) === 256);
});

test("a restarted watcher goes on where the shares were, and no other instance is new", async (t) => {
  const folder = await throwAwayFolder(t);
  const cachePath = join(folder, "cache");
  const first = await scene(t, { slowStart }, { weighs: true, folder, cachePath });
  for (const n of [1, 2, 3]) await first.put(n);
  const running = first.run();
  await first.weights("they are served", ({ size }) => size === 3);
  await first.put(4);
  await first.weights("the fourth has a part", (now) => (now.get(4) ?? 0) > 60);
  await eventually("that is on the disk", async () => {
    await first.clock.advance(100);
    return (await readFile(`${cachePath}.arrivals`, "utf8").catch(() => "")).includes("10.0.0.4");
  });
  running.stop();
  await running.ended;
  // A while ago, by the clock of this machine.
  const saved = JSON.parse(await readFile(`${cachePath}.arrivals`, "utf8"));
  saved.web[keyOf(4)] -= 10_000;
  await writeFile(`${cachePath}.arrivals`, JSON.stringify(saved));
  const second = await scene(t, { slowStart }, { weighs: true, folder, cachePath });
  for (const n of [1, 2, 3, 4, 5]) await second.put(n);
  second.run();
  const [attempt] = await eventually("it applies", async () => {
    await second.clock.advance(100);
    return second.proxy.attempts.length > 0 ? second.proxy.attempts : undefined;
  });
  const found = weightsIn(attempt?.texts[0] ?? "");
  assert.deepEqual(
    [1, 2, 3, 5].map((n) => found.get(n)),
    [256, 256, 256, 256],
  );
  assert.ok((found.get(4) ?? 256) < 256 && (found.get(4) ?? 0) >= 115, String(found.get(4)));
});

test("slow start has no effect for a proxy that would have to be reloaded, which is logged once", async (t) => {
  const { put, weights, run, log, clock, proxy } = await scene(t, { slowStart });
  for (const n of [1, 2, 3]) await put(n);
  run();
  await weights("they are served", ({ size }) => size === 3);
  await put(4);
  const found = await weights("the fourth is served", (now) => now.has(4));
  assert.deepEqual([...found.values()], [1, 1, 1, 1]);
  const { length } = proxy.attempts;
  await clock.advance(30_000);
  assert.equal(proxy.attempts.length, length);
  assert.equal(log.events.filter((one) => one === "slow_start_off").length, 1);
});

test("an instance of another zone is neither waited for nor drained, and a drain of it is acknowledged", async (t) => {
  const { put, weights, run, session, entry, clock } = await scene(t, { zones });
  await put(1, { labels: { zone: "a" } });
  await put(2, { labels: { zone: "b" } });
  await session.put(
    `${asksFolder}/it`,
    encodeAsk({ session: session.id, serving: [keyOf(1), keyOf(2)] }),
    never,
  );
  run();
  const found = await weights("the own zone is served", ({ size }) => size > 0);
  assert.deepEqual([...found.keys()], [1]);
  const becomes = (what: string, isIt: (own: Record<string, object>) => boolean) =>
    eventually(what, async () => {
      await clock.advance(100);
      return isIt(JSON.parse((await entry()) ?? "{}"));
    });
  await becomes(
    "both count as served",
    ({ serving = {} }) => keyOf(1) in serving && keyOf(2) in serving,
  );
  await becomes("none is drained", ({ drained = {} }) => Object.keys(drained).length === 0);
  await put(2, { labels: { zone: "b" }, weight: 0 });
  await becomes("its drain is acknowledged", ({ drained = {} }) => keyOf(2) in drained);
  await put(2, { labels: { zone: "b" } });
  await put(1, { labels: { zone: "a" }, weight: 0 });
  const later = await weights("the other zone is served", (now) => (now.get(2) ?? 0) > 0);
  assert.deepEqual(later.get(1), 0);
});

test("of several watchers each uses a part of the instances, and another one 30 s after watchers have gone", async (t) => {
  const { put, weights, run, session, clock } = await scene(t, { subset: { min: 2 } });
  const other = {
    session: session.id,
    prefixes: ["/services"],
    drained: new Map<string, string>(),
  };
  const key = `${watchersFolder}/other.1`;
  await session.put(key, encodeWatcherEntry(other), never);
  for (let n = 1; n <= 8; n += 1) await put(n);
  run();
  const found = await weights("it uses a half", ({ size }) => size === 4);
  assert.equal(found.size, 4);
  await session.remove(key, never);
  const goneMs = clock.now();
  await weights("it uses all of them", ({ size }) => size === 8);
  assert.ok(clock.now() - goneMs >= 30_000, String(clock.now() - goneMs));
});
