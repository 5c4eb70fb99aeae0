import assert from "node:assert/strict";
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { WatchExplainer } from "../../../agents/watch/explain/explainer.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import { readPins } from "../../../lib/journal/pin-file.ts";
import { serverTexts } from "../../../lib/proxy/haproxy/server-texts.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { rejecting, type WatchSceneOptions, watchScene } from "./scene.ts";

const hour = 3_600_000;

const key = "/services/web/10.0.0.2:80";
const weighing = (weight: number) => JSON.stringify({ host: "10.0.0.2", port: 80, weight });

/** A configuration of haproxy with the servers of one service. */
const haproxyTemplate = `defaults
backend web
{{#each (instances "web")}}  server {{server}} {{address}} weight {{weight}}
{{/each}}`;

/** A watcher that has written its file with two instances, which was kept as generation 1. */
async function pinScene(t: TestContext, options: WatchSceneOptions = {}, isHaproxy = false) {
  const cachePath = join(await throwAwayFolder(t), "cache");
  const text = isHaproxy ? { text: haproxyTemplate } : {};
  const scene = await watchScene(t, { cachePath, ...text, ...options });
  if (isHaproxy) Object.assign(scene.proxy, { servers: serverTexts });
  await scene.register("web", "10.0.0.1:80");
  scene.store.write(key, weighing(10));
  const { stop, ended } = scene.run();
  await scene.clock.advance(0);
  await scene.logged("applied");
  const first = await scene.text();
  const { agent, clock } = scene;
  const at = { forMs: hour, reason: "the new one is slow", limitMs: 60_000 };
  const kept = (n: number) =>
    eventually(`generation ${n} is kept`, async () => {
      const { texts } = await agent.journal.texts(n).catch(() => ({ texts: {} }));
      const all = Object.values(texts);
      return all.length > 0 && all.every((one) => one !== null);
    });
  await kept(1);
  /** Waits for a result while time passes. */
  const passing = async <T>(work: Promise<T>): Promise<T> => {
    const state = { isDone: false };
    const done = work.finally(() => {
      state.isDone = true;
    });
    done.catch(() => {});
    await eventually("it is answered", async () => {
      if (!state.isDone) await clock.advance(10);
      return state.isDone;
    });
    return await done;
  };
  const pin = async (n: number, more: Partial<typeof at> = {}) =>
    await passing(agent.pin({ n, ...at, ...more }, never));
  /** Waits for the result of a reconciliation that a change causes. */
  const reconciled = async (change: () => unknown) => {
    const { latest } = agent.journal.facts;
    const before = latest.value;
    await change();
    await eventually("it is reconciled", async () => {
      await clock.advance(100);
      return latest.value > before;
    });
    await clock.advance(0);
  };
  const pinned = () => scene.report().watch?.templates[0]?.pinned;
  return { ...scene, stop, ended, cachePath, first, kept, passing, pin, pinned, reconciled };
}

test("pinned texts stay whatever the keyspace has, until the pin ends by itself", async (t) => {
  const { agent, store, clock, first, text, pin, pinned, reconciled, report, log, cachePath } =
    await pinScene(t);
  await reconciled(() => store.write("/services/web/10.0.0.3:80", "10.0.0.3:80"));
  const second = await text();
  assert.notEqual(second, first);

  const answer = await pin(1);
  assert.equal(answer.files[0]?.generation, 1);
  assert.equal(await text(), first);
  await reconciled(() => store.write("/services/web/10.0.0.4:80", "10.0.0.4:80"));
  assert.equal(await text(), first);
  const state = report();
  assert.deepEqual([state.ready, state.degraded], [true, true]);
  assert.deepEqual(
    state.reasons.map(({ kind }) => kind),
    ["pinned"],
  );
  assert.match(
    state.reasons[0]?.message ?? "",
    /pinned to generation 1 until .*: the new one is slow/,
  );
  assert.equal(pinned()?.reason, "the new one is slow");
  assert.equal((await stat(`${cachePath}.pins`)).mode & 0o777, 0o600);

  await reconciled(() => clock.advance(hour));
  assert.match(await text(), /10\.0\.0\.4/);
  assert.equal(pinned(), undefined);
  assert.ok(log.events.includes("unpinned"));
  const { facts } = agent.journal.facts.since(0);
  const reasons = facts.flatMap(({ generation }) => generation.cause.reasons);
  assert.ok(reasons.includes("pin") && reasons.includes("unpin"), String(reasons));
});

test("a second pin replaces the first, and unpin ends it", async (t) => {
  const scene = await pinScene(t);
  const { agent, store, clock, first, text, pin, pinned, reconciled, kept } = scene;
  await clock.advance(120_000);
  await reconciled(() => store.write("/services/web/10.0.0.3:80", "10.0.0.3:80"));
  await kept(2);
  const second = await text();
  await reconciled(() => store.write("/services/web/10.0.0.4:80", "10.0.0.4:80"));
  await pin(1);
  assert.equal(await text(), first);
  await pin(2, { reason: "another" });
  assert.equal(await text(), second);
  assert.deepEqual([pinned()?.generation, pinned()?.reason], [2, "another"]);
  await assert.rejects(agent.unpin({ target: "other" }), { code: "AGENT_FILE_UNKNOWN" });
  assert.equal((await readPins(`${scene.cachePath}.pins`)).length, 1);
  await reconciled(async () => {
    const { files } = await agent.unpin({ target: "out" });
    assert.equal(files[0]?.generation, 2);
  });
  assert.match(await text(), /10\.0\.0\.4/);
  assert.deepEqual(await readPins(`${scene.cachePath}.pins`), []);
  assert.deepEqual(await agent.unpin({}), { files: [] });
});

test("a refused pin changes nothing, and the one before stays", async (t) => {
  const { agent, store, clock, proxy, first, text, pin, pinned, reconciled, report, kept, log } =
    await pinScene(t);
  await clock.advance(120_000);
  await reconciled(() => store.write("/services/web/10.0.0.3:80", "10.0.0.3:80"));
  await kept(2);
  await assert.rejects(pin(99), { code: "JOURNAL_NO_GENERATION" });
  await pin(1);
  proxy.rejects = (one) =>
    one.includes("10.0.0.3") ? new Fault("PROXY_REJECTED", true, "not now") : undefined;
  await assert.rejects(pin(2), {
    code: "AGENT_PIN_REFUSED",
    message: /nothing has changed: not now/,
  });
  await eventually("the first one is verified again", async () => {
    await clock.advance(100);
    return report().reasons.every(({ kind }) => kind === "pinned");
  });
  assert.equal(await text(), first);
  assert.equal(pinned()?.generation, 1);
  assert.ok(log.events.includes("pin_refused"));
  assert.ok(!log.events.includes("fault"), "the files do not fail");
  const { facts } = agent.journal.facts.since(0);
  assert.ok(
    facts.some(({ generation: { how, cause } }) => how === "refused" && cause.reasons[0] === "pin"),
  );
});

test("a quarantined entry is not tried again while its files are pinned", async (t) => {
  const { agent, store, clock, proxy, pin, report, logged } = await pinScene(t);
  proxy.rejects = rejecting("10.0.0.9:80");
  store.write("/services/web/10.0.0.9:80", "10.0.0.9:80");
  await eventually("it is quarantined", async () => {
    await clock.advance(100);
    return report().watch?.quarantined.length === 1;
  });
  await pin(1);
  await logged("pinned");
  const { latest } = agent.journal.facts;
  const before = latest.value;
  for (let i = 0; i < 20; i += 1) {
    await clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(latest.value, before);
});

test("a pin survives a restart of the agent, also without its texts in the journal, and ends in time", async (t) => {
  const { pin, stop, ended, cachePath, folder, first } = await pinScene(t);
  await pin(1);
  stop();
  await ended;
  await rm(`${cachePath}.journal`, { recursive: true });
  const { register, run, clock, text, report, becomes, count } = await watchScene(t, {
    ...{ cachePath, folder },
  });
  await register("web", "10.0.0.7:80");
  run();
  await clock.advance(0);
  await eventually("it is verified", async () => {
    await clock.advance(10);
    return report().ready;
  });
  assert.equal(await text(), first);
  assert.equal(report().watch?.templates[0]?.pinned?.reason, "the new one is slow");
  await clock.advance(hour - 60_000);
  assert.equal(count("unpinned"), 0);
  await clock.advance(60_000);
  await becomes("web: 10.0.0.7:80*1\n");
  assert.equal(report().watch?.templates[0]?.pinned, undefined);
});

test("saved pins that cannot be used are logged and ignored", async (t) => {
  const cachePath = join(await throwAwayFolder(t), "cache");
  await writeFile(`${cachePath}.pins`, "{");
  const { report, log } = await watchScene(t, { cachePath });
  assert.ok(log.events.includes("snapshot_cache_rejected"));
  assert.equal(report().watch?.templates[0]?.pinned, undefined);
});

test("haproxy: a drain is honoured in pinned texts, and acknowledged once that is verified", async (t) => {
  const { store, clock, proxy, text, pin, pinned, reconciled, entry, report } = await pinScene(
    t,
    {},
    true,
  );
  await reconciled(() => store.write("/services/web/10.0.0.3:80", "10.0.0.3:80"));
  await pin(1);
  const acknowledged = async () => Object.keys(JSON.parse((await entry()) ?? "{}").drained);
  proxy.rejects = () => new Fault("PROXY_REJECTED", true, "not now");
  await reconciled(() => store.write(key, weighing(0)));
  assert.deepEqual(await acknowledged(), [], "not verified yet");
  proxy.rejects = () => undefined;
  await eventually("the drain is acknowledged", async () => {
    await clock.advance(500);
    return (await acknowledged()).includes(key);
  });
  const now = await text();
  assert.match(now, /10\.0\.0\.2:80 weight 10 weight 0$/m);
  assert.doesNotMatch(now, /10\.0\.0\.3/);
  assert.equal(pinned()?.drainsWaiting, 0);
  await reconciled(() => store.write(key, weighing(5)));
  assert.doesNotMatch(await text(), /weight 0/);
  assert.deepEqual(
    report().reasons.map(({ kind }) => kind),
    ["pinned"],
  );
});

test("haproxy: a drained instance gets no requests from pinned texts after its entry is gone, until it is registered again", async (t) => {
  const scene = await pinScene(t, {}, true);
  const { agent, store, cachePath, clock, text, pin, reconciled, stop, ended } = scene;
  const use = async () => {
    const explainer = new WatchExplainer(agent.parts);
    const { subjects } = explainer.find("web/10.0.0.2:80");
    return (await explainer.files(subjects, [], never))[0]?.use;
  };
  await pin(1);
  assert.equal(await use(), "serving");
  await reconciled(() => store.write(key, weighing(0)));
  assert.match(await text(), /10\.0\.0\.2:80 weight 10 weight 0$/m);
  await reconciled(() => store.remove(key, undefined));
  await reconciled(() => store.write("/services/web/10.0.0.3:80", "10.0.0.3:80"));
  assert.match(await text(), /10\.0\.0\.2:80 weight 10 weight 0$/m);
  assert.equal(await use(), "draining");
  await eventually("it is saved", async () => {
    await clock.advance(10);
    return (await readPins(`${cachePath}.pins`))[0]?.drained?.includes("10.0.0.2:80");
  });
  await reconciled(() => store.write(key, weighing(5)));
  assert.doesNotMatch(await text(), /weight 0/);
  stop();
  await ended;
});

test("haproxy: a drain is not acknowledged if a pinned text leaves open where requests go", async (t) => {
  const text = haproxyTemplate.replace("backend web", "backend web\n  cookie SRV insert");
  const { store, pin, pinned, reconciled, entry } = await pinScene(t, { text }, true);
  await pin(1);
  await reconciled(() => store.write(key, weighing(0)));
  assert.equal(pinned()?.drainsWaiting, 1);
  assert.deepEqual(JSON.parse((await entry()) ?? "{}").drained, {});
});

test("where files cannot be read a drain waits for the end of the pin, and earlier ones are taken back", async (t) => {
  const { agent, store, clock, pin, pinned, reconciled, entry, passing } = await pinScene(t);
  const acknowledged = async () => Object.keys(JSON.parse((await entry()) ?? "{}").drained);
  await reconciled(() => store.write(key, weighing(0)));
  await eventually("it is acknowledged", async () => (await acknowledged()).includes(key));
  // With generation 1 the instance has a weight again.
  await pin(1);
  await eventually("it is taken back", async () => {
    await clock.advance(10);
    return (await acknowledged()).length === 0;
  });
  assert.equal(pinned()?.drainsWaiting, 1);
  await reconciled(() => store.write("/services/web/10.0.0.5:80", "10.0.0.5:80"));
  assert.deepEqual(await acknowledged(), []);
  await reconciled(() => passing(agent.unpin({})));
  await eventually("it is acknowledged again", async () => {
    await clock.advance(10);
    return (await acknowledged()).includes(key);
  });
});
