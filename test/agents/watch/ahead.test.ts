import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { asksFolder, encodeAsk } from "../../../lib/model/ask-entry.ts";
import { eventually } from "../../support/process.ts";
import { aheadScene } from "./ahead-scene.ts";

test("the proxy is changed first; the file follows once nothing changes any more, for all changes together", async (t) => {
  const { started, change, given, checks, onDisk, clock, report } = await aheadScene(t);
  await started();
  assert.equal(await checks(), 1);
  const revision = () => report().watch?.templates[0]?.revision;
  const before = revision();
  await change("10.0.0.2:80");
  await clock.advance(500);
  await change("10.0.0.3:80");
  assert.deepEqual([await onDisk(), await checks()], ["1", 1]);
  assert.equal(revision(), before, "of what is in the file");
  await eventually("the file follows", async () => {
    await clock.advance(50);
    return (await onDisk()) === "1 2 3";
  });
  await eventually("status has its revision", () => revision() !== before);
  assert.equal(await checks(), 2);
  assert.deepEqual(given, ["apply 1", "adjust 1 2", "adjust 1 2 3", "apply 1 2 3"]);
});

test("while changes go on, the file follows at least every 5 s", async (t) => {
  const { started, change, onDisk, checks, clock } = await aheadScene(t);
  await started();
  for (let i = 2; i < 16; i += 1) {
    await change(`10.0.0.${i}:80`);
    await clock.advance(450);
  }
  assert.match(await onDisk(), /\b1 2 3 /);
  assert.equal(await checks(), 2);
});

test("a refused file stays as it was, and the proxy goes back to it; the bad entry is quarantined, and found by the check first", async (t) => {
  const { started, change, onDisk, given, refused, clock, report, register } = await aheadScene(t);
  await started();
  await writeFile(refused, "10.0.0.66\n");
  await change("10.0.0.2:80");
  await register("web", "10.0.0.66:80");
  await eventually("it is quarantined", async () => {
    await clock.advance(50);
    return report().watch?.quarantined.length === 1;
  });
  await eventually("the others are served", () => given.at(-1) === "apply 1 2");
  assert.equal(await onDisk(), "1 2");
  const order = given.filter((one, i) => one !== given[i - 1]);
  assert.deepEqual(order.slice(0, 5), [
    ...["apply 1", "adjust 1 2", "adjust 1 2 66", "apply 1", "apply 1 2"],
  ]);
  assert.deepEqual(
    report().watch?.quarantined.map(({ key }) => key),
    ["/services/web/10.0.0.66:80"],
  );
  await change("10.0.0.3:80");
  assert.equal(
    given.at(-1),
    "adjust 1 2 3",
    "once a file was accepted, the proxy goes ahead again",
  );
});

test("of a change that fails at run time nothing is left if the check command refuses the file, too", async (t) => {
  const { started, onDisk, given, answers, refused, clock, count, register, logged } =
    await aheadScene(t);
  await started();
  await writeFile(refused, "web\n");
  answers.next = "failed";
  await register("web", "10.0.0.2:80");
  await clock.advance(50);
  await logged("fault");
  assert.equal(await onDisk(), "1");
  assert.deepEqual(given, ["apply 1", "adjust 1 2", "apply 1"]);
  assert.equal(count("applied"), 1);
});

test("a change that is served already is judged by itself before one that takes a reload", async (t) => {
  const { started, change, onDisk, given, answers, proxy, register, clock, logged } =
    await aheadScene(t);
  await started();
  await change("10.0.0.2:80");
  answers.next = "not possible";
  proxy.rejects = (text) =>
    text.includes("10.0.0.3") ? new Fault("PROXY_REJECTED", true, "no 10.0.0.3") : undefined;
  await register("web", "10.0.0.3:80");
  await clock.advance(50);
  await logged("quarantined");
  await eventually("it is written", async () => (await onDisk()) === "1 2");
  assert.deepEqual(given.slice(0, 5), [
    ...["apply 1", "adjust 1 2", "adjust 1 2 3", "apply 1 2", "apply 1 2 3"],
  ]);
});

test("a drained instance takes no requests at once, and is acknowledged once a restart of the proxy does not undo that", async (t) => {
  const { started, store, onDisk, given, entry, clock } = await aheadScene(t);
  await started();
  const session = await store.open().open(3_600_000, AbortSignal.any([]));
  const drained = { host: "10.0.0.2", port: 80, weight: 0 };
  await session.put("/services/web/10.0.0.2:80", JSON.stringify(drained), AbortSignal.any([]));
  await eventually("it is acknowledged", async () => {
    await clock.advance(10);
    return (await entry())?.includes("10.0.0.2");
  });
  assert.deepEqual(given, ["apply 1", "adjust 1 2*0", "apply 1 2*0"]);
  assert.equal(await onDisk(), "1 2*0");
});

test("at its end the watcher has the file follow", async (t) => {
  const { started, change, onDisk, checks } = await aheadScene(t);
  const stop = await started();
  await change("10.0.0.2:80");
  assert.equal(await onDisk(), "1");
  await stop();
  await eventually("the file follows", async () => (await onDisk()) === "1 2");
  assert.equal(await checks(), 2);
});

test("an instance is answered to be served before the file has it, and no longer once the check command has refused it", async (t) => {
  const { started, register, store, onDisk, refused, entry, clock, report } = await aheadScene(t);
  await started();
  await writeFile(refused, "10.0.0.66\n");
  const [good, bad] = ["/services/web/10.0.0.2:80", "/services/web/10.0.0.66:80"];
  const session = await store.open().open(3_600_000, AbortSignal.any([]));
  const ask = encodeAsk({ session: session.id, serving: [good, bad] });
  await session.put(`${asksFolder}/a`, ask, AbortSignal.any([]));
  const serving = async () =>
    Object.keys(JSON.parse((await entry()) ?? "{}").serving ?? {}).join(" ");
  await register("web", "10.0.0.2:80");
  await eventually("it is answered", async () => {
    await clock.advance(1);
    return (await serving()) === good;
  });
  assert.equal(await onDisk(), "1");
  await register("web", "10.0.0.66:80");
  await eventually("the other one is quarantined", async () => {
    await clock.advance(50);
    return report().watch?.quarantined.length === 1;
  });
  await eventually("it is not served", async () => {
    await clock.advance(50);
    return (await serving()) === good;
  });
  assert.equal(await onDisk(), "1 2");
});
