import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "./scene.ts";

/** A check command that rejects each line with a port of 4 digits, without a word, and counts how often it is run. */
async function checked(
  t: TestContext,
  options: WatchSceneOptions = {},
  script = "",
  counted?: string,
) {
  counted ??= join(await throwAwayFolder(t), "checks");
  const run = [
    ...["sh", "-c", `echo >>${counted}; ${script || `! grep -qE ':[0-9]{4}' "$0"`}`],
    "{candidate}",
  ];
  const scene = await watchScene(t, {
    hasProxy: false,
    check: { run, timeout: 3_600_000 },
    ...options,
  });
  const checks = async () => (await readFile(counted ?? "", "utf8").catch(() => "")).length;
  const addresses = async () => [...(await scene.text()).matchAll(/10\.[\d.]+:\d+/g)].map(String);
  const serves = (count: number) =>
    eventually(`${count} are served`, async () => (await addresses()).length === count);
  const quarantined = () => scene.report().watch?.quarantined.map(({ key }) => key) ?? [];
  return { ...scene, checks, serves, addresses, quarantined };
}

const good = (count: number) => Array.from({ length: count }, (_, i) => `10.0.0.${i}:80`);
const bad = (count: number) => Array.from({ length: count }, (_, i) => `10.0.1.${i}:8080`);

test("one bad entry that no message names is found by about log₂ n checks, among the entries that have changed", async (t) => {
  const { register, run, clock, serves, checks, quarantined, count } = await checked(t);
  await register("web", ...good(64));
  run();
  await clock.advance(0);
  await serves(64);
  assert.equal(await checks(), 1);
  await clock.advance(1000);
  const more = Array.from({ length: 16 }, (_, i) => `10.0.2.${i}:80`);
  await register("api", ...more, "10.0.2.99:8080");
  await clock.advance(50);
  await serves(80);
  await eventually("it is quarantined", () => quarantined().length === 1);
  assert.deepEqual(quarantined(), ["/services/api/10.0.2.99:8080"]);
  assert.ok((await checks()) <= 12, `${await checks()} checks`);
  assert.equal(count("fault"), 0);
});

test("more than half of the first entries are bad, and the others are served", async (t) => {
  const { register, run, clock, serves, quarantined, count } = await checked(t);
  await register("web", ...good(9), ...bad(12));
  run();
  await clock.advance(0);
  await serves(9);
  await eventually("all are quarantined", () => quarantined().length === 12);
  assert.equal(count("fault"), 0);
});

test("a restarted watcher serves the good ones after one check, and tries the others again later", async (t) => {
  const cachePath = join(await throwAwayFolder(t), "cache");
  const counted = `${cachePath}.checks`;
  const first = await checked(t, { cachePath }, "", counted);
  await first.register("web", ...good(20), ...bad(30));
  const { stop } = first.run();
  await first.clock.advance(0);
  await first.serves(20);
  await eventually("it is saved", async () => {
    const saved = await readFile(`${cachePath}.quarantine`, "utf8").catch(() => "");
    return saved.split('"digest"').length === 31;
  });
  stop();
  const before = await first.checks();
  const second = await checked(t, { cachePath }, "", counted);
  await second.register("web", ...good(20), ...bad(30));
  second.run();
  await second.clock.advance(0);
  await second.serves(20);
  await second.sleepsUntil(1500);
  assert.equal((await second.checks()) - before, 1);
  assert.equal(second.quarantined().length, 30);
});

test("a snapshot cache that is older than the quarantine does not have it forgotten", async (t) => {
  const cachePath = join(await throwAwayFolder(t), "cache");
  const counted = `${cachePath}.checks`;
  const first = await checked(t, { cachePath }, "", counted);
  await first.register("web", ...good(20));
  const { stop } = first.run();
  await first.clock.advance(0);
  await first.serves(20);
  await first.clock.advance(1000);
  await eventually("the snapshot is saved", () => readFile(cachePath).catch(() => undefined));
  await first.register("web", ...bad(9));
  await first.clock.advance(50);
  await eventually("they are saved", async () => {
    const saved = await readFile(`${cachePath}.quarantine`, "utf8").catch(() => "");
    return saved.split('"digest"').length === 10;
  });
  assert.doesNotMatch(await readFile(cachePath, "utf8"), /:8080/, "it is older");
  stop();
  const before = await first.checks();
  const second = await checked(t, { cachePath }, "", counted);
  await second.register("web", ...good(20), ...bad(9));
  second.run();
  await second.clock.advance(0);
  await second.serves(20);
  await second.sleepsUntil(1500);
  assert.equal((await second.checks()) - before, 1);
});

test("quarantined entries are tried again together: one check if all are good now", async (t) => {
  const flag = join(await throwAwayFolder(t), "resolvable");
  const script = `test -e ${flag} || ! grep -qE ':[0-9]{4}' "$0"`;
  const { register, run, clock, serves, checks, sleepsUntil, quarantined } = await checked(
    t,
    {},
    script,
  );
  await register("web", ...good(20), ...bad(10));
  run();
  await clock.advance(0);
  await serves(20);
  await sleepsUntil(1500);
  const before = await checks();
  await writeFile(flag, "");
  await clock.advance(1500);
  await serves(30);
  await eventually("none is quarantined", () => quarantined().length === 0);
  assert.equal((await checks()) - before, 2, "one to try them, one to install them");
});

test("an edited template has quarantined entries tried again at once", async (t) => {
  const { register, run, clock, serves, sleepsUntil, source, quarantined } = await checked(t);
  await register("web", ...good(3), "10.0.1.1:8080");
  run();
  await clock.advance(0);
  await serves(3);
  await sleepsUntil(1500);
  await writeFile(source, "{{#each services}}{{#each instances}}{{host}}:80\n{{/each}}{{/each}}");
  await eventually("the edit is noticed", async () => {
    await clock.advance(100);
    return quarantined().length === 0;
  });
  await serves(4);
});

test("a file that is rejected without any instances fails after two checks, and none is quarantined", async (t) => {
  const { register, run, clock, sleepsUntil, checks, quarantined, report, text } = await checked(
    t,
    {},
    "false",
  );
  await register("web", ...good(50));
  run();
  await clock.advance(0);
  await sleepsUntil(1500);
  assert.equal(await checks(), 2);
  assert.deepEqual(quarantined(), []);
  assert.equal(report().watch?.templates[0]?.state, "failing");
  assert.equal(await text(), "");
});

test("a template for which every instance is bad fails, and none is quarantined", async (t) => {
  const script = `! grep -q '10' "$0"`;
  const { register, run, clock, sleepsUntil, checks, quarantined, report } = await checked(
    t,
    {},
    script,
  );
  await register("web", ...good(100));
  run();
  await clock.advance(0);
  await sleepsUntil(1500);
  assert.ok((await checks()) <= 40, `${await checks()} checks`);
  assert.deepEqual(quarantined(), []);
  assert.equal(report().watch?.templates[0]?.state, "failing");
});

test("accepted instances are not given up when more than half of them are rejected from one moment to the next", async (t) => {
  const flag = join(await throwAwayFolder(t), "broken");
  const script = `test ! -e ${flag} || ! grep -q '10.0.0.[0-5]:' "$0"`;
  const { register, run, clock, serves, sleepsUntil, quarantined, addresses } = await checked(
    t,
    {},
    script,
  );
  await register("web", ...good(10));
  run();
  await clock.advance(0);
  await serves(10);
  await writeFile(flag, "");
  await clock.advance(1000);
  await register("web", "10.0.0.11:80");
  await clock.advance(0);
  await sleepsUntil(2500);
  assert.deepEqual(quarantined(), []);
  assert.equal((await addresses()).length, 10, "the previous file is kept");
});

test("an instance drains although a bad entry arrives with it, and that is acknowledged", async (t) => {
  const scene = await checked(t);
  const { register, store, run, clock, serves, quarantined, becomes, entry } = scene;
  await register("web", "10.0.0.1:80", "10.0.0.2:80");
  run();
  await clock.advance(0);
  await serves(2);
  await clock.advance(1000);
  store.write("/services/web/10.0.0.2:80", '{"host":"10.0.0.2","port":80,"weight":0}');
  await register("api", "10.0.1.1:8080");
  await clock.advance(50);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*0\n");
  await eventually("it is acknowledged", async () => (await entry())?.includes("10.0.0.2:80"));
  assert.deepEqual(quarantined(), ["/services/api/10.0.1.1:8080"]);
});

test("quarantined instances are not retained when their entries are removed", async (t) => {
  const { register, deregister, run, clock, serves, quarantined, report, sleepsUntil } =
    await checked(t);
  await register("web", ...bad(2), "10.0.0.1:80");
  run();
  await clock.advance(0);
  await serves(1);
  await eventually("both are quarantined", () => quarantined().length === 2);
  await sleepsUntil(1500);
  await deregister("web", ...bad(2));
  await clock.advance(50);
  await eventually("they are forgotten", () => quarantined().length === 0);
  assert.deepEqual(report().watch?.retained, []);
});
