import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { lookupLimitMs } from "../../../lib/clients/dns/limits.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { rejecting, type WatchSceneOptions, watchScene } from "./scene.ts";

/** A watcher whose host names are answered as the test decides; those without an answer not within its time. */
async function namesScene(t: TestContext, options: WatchSceneOptions = {}) {
  const answers = new Map<string, readonly string[] | "ENOTFOUND" | "ETIMEOUT">();
  const lookup = async (host: string) => {
    const answer = answers.get(host);
    if (answer === undefined) return await new Promise<never>(() => {});
    if (typeof answer === "string") throw Object.assign(new Error(answer), { code: answer });
    return answer.map((address) => ({ address }));
  };
  return { ...(await watchScene(t, { lookup, ...options })), answers };
}

test("the first file waits for names, as long as a lookup may take; later ones go on without a new name", async (t) => {
  const { run, clock, register, becomes, text, answers } = await namesScene(t);
  answers.set("a.test", ["10.0.0.1"]);
  await register("web", "a.test:80", "dead.test:80", "10.0.0.2:80");
  run();
  await clock.advance(lookupLimitMs - 1);
  assert.equal(await text(), "");
  await clock.advance(1);
  await becomes("web: 10.0.0.2:80*1 a.test:80*1\n");
  await register("web", "10.0.0.3:80", "silent.test:80");
  await eventually("the other one is in the file", async () => {
    await clock.advance(50);
    return (await text()) === "web: 10.0.0.2:80*1 10.0.0.3:80*1 a.test:80*1\n";
  });
});

test("a name without an address is quarantined, and its instance is back once it has one", async (t) => {
  const { run, clock, register, becomes, answers, report, log, logged, count } =
    await namesScene(t);
  answers.set("a.test", "ENOTFOUND");
  await register("web", "a.test:80", "10.0.0.2:80");
  run();
  await clock.advance(20);
  await becomes("web: 10.0.0.2:80*1\n");
  const why = "its host a.test cannot be resolved: the name does not exist (NXDOMAIN)";
  assert.deepEqual(
    report().watch?.quarantined.map(({ key, why }) => [key, why]),
    [["/services/web/a.test:80", why]],
  );
  assert.equal(count("quarantined"), 1);
  assert.equal(log.events.includes("fault"), false);
  answers.set("a.test", ["10.0.0.1"]);
  await clock.advance(2000);
  await logged("quarantine_ended");
  await becomes("web: 10.0.0.2:80*1 a.test:80*1\n");
  assert.deepEqual(report().watch?.quarantined, []);
});

const unresolved: readonly (readonly [string, WatchSceneOptions])[] = [
  ["no program reads the file", { hasProxy: false }],
  ["it is switched off", { plan: { resolve: false } }],
];

for (const [what, options] of unresolved) {
  test(`names are not looked up if ${what}`, async (t) => {
    const { run, clock, register, becomes, report } = await namesScene(t, options);
    await register("web", "dead.test:80");
    run();
    await clock.advance(0);
    await becomes("web: dead.test:80*1\n");
    assert.deepEqual(report().watch?.quarantined, []);
  });
}

test("names are looked up for a file with a check command", async (t) => {
  const check = { run: ["true"], timeout: 10_000 };
  const { run, clock, register, becomes, answers } = await namesScene(t, {
    hasProxy: false,
    check,
  });
  answers.set("a.test", "ENOTFOUND");
  await register("web", "a.test:80", "10.0.0.2:80");
  run();
  await clock.advance(20);
  await becomes("web: 10.0.0.2:80*1\n");
});

/** As the shipped templates have them. */
const byAddress =
  "{{#each services}}{{#each (resolved instances)}}{{address}}*{{weight}} {{/each}}{{/each}}";

test("an instance whose name moves to an address that the proxy rejects is quarantined alone", async (t) => {
  const scene = await namesScene(t, { text: byAddress });
  const { run, clock, register, becomes, logged, answers, proxy, report } = scene;
  answers.set("a.test", ["10.0.1.1"]);
  const others = Array.from({ length: 9 }, (_, i) => `10.0.0.${i}:80`);
  await register("web", "a.test:80", ...others);
  run();
  await clock.advance(20);
  const rest = others.map((address) => `${address}*1 `).join("");
  await becomes(`${rest}10.0.1.1:80*1 `);
  proxy.rejects = (text) =>
    text.includes("10.0.1.9") ? new Fault("PROXY_REJECTED", true, "not this") : undefined;
  answers.set("a.test", ["10.0.1.9"]);
  await clock.advance(31_000);
  await logged("quarantined");
  await becomes(rest);
  assert.deepEqual(
    report().watch?.quarantined.map(({ key, why }) => [key, why]),
    [["/services/web/a.test:80", "not this"]],
  );
});

test("after a restart, a search for a bad entry keeps the last known addresses of the others", async (t) => {
  const cachePath = join(await throwAwayFolder(t), "cache");
  const names = { text: byAddress, cachePath };
  const first = await namesScene(t, names);
  first.answers.set("a.test", ["10.0.1.1"]);
  await first.register("web", "a.test:80", "10.0.0.2:80");
  const { stop, ended } = first.run();
  await first.clock.advance(20);
  await first.becomes("10.0.0.2:80*1 10.0.1.1:80*1 ");
  await first.clock.advance(6000);
  await eventually("the addresses are saved", () => readFile(`${cachePath}.names`).catch(() => ""));
  stop();
  await ended;

  const { run, clock, register, becomes, proxy } = await namesScene(t, names);
  await register("web", "a.test:80", "10.0.0.2:80", "10.0.0.3:80");
  proxy.rejects = rejecting("10.0.0.3");
  run();
  await clock.advance(20);
  await becomes("10.0.0.2:80*1 10.0.1.1:80*1 ");
  const texts = proxy.attempts.flatMap((one) => one.texts);
  assert.deepEqual(
    texts.filter((text) => !text.includes("10.0.1.1:80")),
    [],
  );
});

test("instances without an address are in no file: their drain is acknowledged, and their loss is none", async (t) => {
  const scene = await namesScene(t);
  const { run, clock, register, deregister, becomes, answers, store, entry, report } = scene;
  const dead = ["a.test:80", "b.test:80", "c.test:80"];
  for (const name of ["a.test", "b.test", "c.test", "d.test"]) answers.set(name, "ENOTFOUND");
  await register("web", "10.0.0.2:80", ...dead);
  store.write("/services/web/d", '{"host":"d.test","port":80,"weight":0}');
  run();
  await clock.advance(20);
  await becomes("web: 10.0.0.2:80*1\n");
  await eventually("the drain is acknowledged", async () => {
    const { drained = {} } = JSON.parse((await entry()) ?? "{}");
    return String(Object.keys(drained)) === "/services/web/d";
  });

  await deregister("web", ...dead);
  await clock.advance(2000);
  await eventually("they are gone", () => report().watch?.quarantined.length === 1);
  assert.deepEqual(report().watch?.retained, []);
});

test("a watcher is degraded while no name server confirms addresses that it has", async (t) => {
  const { run, clock, register, becomes, answers, report } = await namesScene(t);
  answers.set("a.test", ["10.0.0.1"]);
  await register("web", "a.test:80");
  run();
  await clock.advance(20);
  await becomes("web: a.test:80*1\n");
  await eventually("it is in sync", () => !report().degraded);
  answers.set("a.test", "ETIMEOUT");
  await clock.advance(15_000 + 1500 + 3000);
  const reasons = report().reasons.map(({ kind, message }) => `${kind}: ${message}`);
  assert.match(String(reasons), /^loop failing: resolving host names is failing: /);
});
