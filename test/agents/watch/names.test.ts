import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { lookupLimitMs } from "../../../lib/clients/dns/limits.ts";
import { eventually } from "../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "./scene.ts";

/** A watcher whose host names are answered as the test decides; those without an answer not within its time. */
async function namesScene(t: TestContext, options: WatchSceneOptions = {}) {
  const answers = new Map<string, readonly string[] | "ENOTFOUND">();
  const lookup = async (host: string) => {
    const answer = answers.get(host);
    if (answer === undefined) return await new Promise<never>(() => {});
    if (answer === "ENOTFOUND") throw Object.assign(new Error(answer), { code: answer });
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
