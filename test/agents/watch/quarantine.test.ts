import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { rejecting, type WatchSceneOptions, watchScene } from "./scene.ts";

const good = ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"] as const;
const bad = "10.0.0.9:80";
const withoutBad = "web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1\n";
const withBad = "web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1 10.0.0.9:80*1\n";

/** A watcher whose proxy rejects one of four instances, which is quarantined. */
async function quarantined(t: TestContext, options: WatchSceneOptions = {}) {
  const scene = await watchScene(t, options);
  await scene.register("web", ...good, bad);
  scene.proxy.rejects = rejecting(bad);
  scene.run();
  await scene.clock.advance(0);
  await scene.logged("quarantined");
  await scene.becomes(withoutBad);
  return scene;
}

test("an entry that the proxy rejects is quarantined, and the others are served", async (t) => {
  const { proxy, report, log, logged } = await quarantined(t);
  await logged("applied");
  assert.deepEqual(
    proxy.attempts.map(({ texts }) => texts),
    [[withBad], [withoutBad]],
  );
  const [held] = report().watch?.quarantined ?? [];
  assert.equal(held?.key, "/services/web/10.0.0.9:80");
  assert.equal(held?.why, "cannot resolve 10.0.0.9:80");
  assert.equal(report().watch?.templates[0]?.state, "in sync");
  assert.equal(log.events.includes("fault"), false);
});

test("a quarantined entry is retried when it is due, though nothing changes, and less and less often", async (t) => {
  const { proxy, clock, sleepsUntil, count, text } = await quarantined(t);
  for (const [atMs, nextMs] of [
    [0, 1500],
    [1500, 4500],
    [4500, 10_500],
    [10_500, 16_500],
  ] as const) {
    await sleepsUntil(nextMs);
    assert.equal(await text(), withoutBad);
    await clock.advance(nextMs - atMs);
  }
  await sleepsUntil(22_500);
  const tries = proxy.attempts.filter(({ texts }) => texts[0] === withBad);
  assert.deepEqual(
    tries.map(({ atMs }) => atMs),
    [0, 1500, 4500, 10_500, 16_500],
  );
  assert.equal(count("quarantined"), 1, "logged once");
});

test("a quarantined entry that is accepted is released", async (t) => {
  const { proxy, clock, sleepsUntil, becomes, logged, report } = await quarantined(t);
  await sleepsUntil(1500);
  proxy.rejects = () => undefined;
  await clock.advance(1500);
  await becomes(withBad);
  await logged("quarantine_ended");
  assert.deepEqual(report().watch?.quarantined, []);
});

test("a quarantined entry whose value changes is tried at once", async (t) => {
  const { proxy, clock, sleepsUntil, store, becomes, attempts } = await quarantined(t);
  await sleepsUntil(1500);
  proxy.rejects = () => undefined;
  await clock.advance(100);
  store.write(`/services/web/${bad}`, '{"host":"10.0.0.9","port":80,"weight":2}');
  await clock.advance(0);
  await becomes(withBad.replace(`${bad}*1`, `${bad}*2`));
  assert.deepEqual(await attempts(3), [0, 0, 100]);
});

test("other changes are served while an entry is quarantined, and do not have it retried", async (t) => {
  const { proxy, clock, sleepsUntil, register, becomes, logged } = await quarantined(t);
  await sleepsUntil(1500);
  await clock.advance(500);
  await register("web", "10.0.0.4:80");
  await clock.advance(0);
  await becomes(`${withoutBad.trimEnd()} 10.0.0.4:80*1\n`);
  await logged("applied", 2);
  await sleepsUntil(1500);
  assert.deepEqual(proxy.timesMs, [0, 0, 500]);
});

test("an entry that the check command rejects is quarantined before the proxy sees it", async (t) => {
  const script = 'if grep -q 10.0.0.9 "$0"; then echo "cannot resolve 10.0.0.9:80"; exit 1; fi';
  const check = { run: ["sh", "-c", script, "{candidate}"], timeout: 3_600_000 };
  const scene = await watchScene(t, { check });
  await scene.register("web", ...good, bad);
  scene.run();
  await scene.clock.advance(0);
  await scene.logged("applied");
  assert.equal(await scene.text(), withoutBad);
  assert.deepEqual(
    scene.proxy.attempts.map(({ texts }) => texts),
    [[withoutBad]],
  );
});

test("a rejection that no entry explains keeps the previous file, and quarantines none", async (t) => {
  const scene = await watchScene(t);
  await scene.register("web", ...good);
  scene.proxy.rejects = () => new Fault("PROXY_REJECTED", true, "unknown keyword in line 1");
  scene.run();
  await scene.clock.advance(0);
  await scene.sleepsUntil(1500);
  assert.deepEqual(scene.report().watch?.quarantined, []);
  assert.equal(scene.report().watch?.templates[0]?.state, "failing");
  assert.equal(await scene.text(), "", "a first file that is rejected is removed");
  assert.equal(scene.proxy.attempts.length, 1);
});

test("a setting that the proxy rejects is no instance: it is named, and not quarantined", async (t) => {
  const scene = await watchScene(t, { prefixes: ["/services", "/config"] });
  scene.store.write("/config/balance", "fastest");
  await scene.register("web", ...good);
  scene.proxy.rejects = () => new Fault("PROXY_REJECTED", true, "unknown algorithm fastest");
  scene.run();
  await scene.clock.advance(0);
  await scene.sleepsUntil(1500);
  assert.deepEqual(scene.report().watch?.quarantined, []);
  assert.equal(scene.proxy.attempts.length, 1);
  const { message = "" } = scene.log.lines.find(({ event }) => event === "fault") ?? {};
  assert.match(message, /^unknown algorithm fastest \(it quotes \/config\/balance\);/);
});

test("no more than half of all entries is quarantined", async (t) => {
  const scene = await watchScene(t);
  await scene.register("web", ...good, bad);
  scene.proxy.rejects = rejecting(...good);
  scene.run();
  await scene.clock.advance(0);
  await scene.sleepsUntil(1500);
  assert.deepEqual(scene.report().watch?.quarantined, []);
  assert.equal(scene.report().watch?.templates[0]?.state, "failing");
  const { message = "" } = scene.log.lines.find(({ event }) => event === "fault") ?? {};
  assert.match(message, /it quotes \/services\/web\/10\.0\.0\.\d:80/, "the fault names the key");
});

test("an entry that no template can quote never reaches a file", async (t) => {
  const { store, register, run, clock, becomes, logged, report } = await watchScene(t);
  store.write("/services/web/evil", '{"host":"10.0.0.5","port":80,"name":"a;b{"}');
  await register("web", ...good);
  run();
  await clock.advance(0);
  await becomes(withoutBad);
  await logged("quarantined");
  assert.deepEqual(
    report().watch?.quarantined.map(({ key }) => key),
    ["/services/web/evil"],
  );
});
