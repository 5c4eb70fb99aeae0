import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { chmod, rm, stat, writeFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { eventually } from "../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "./scene.ts";

/** A watcher in sync. */
async function inSync(t: TestContext, options: WatchSceneOptions = {}) {
  const scene = await watchScene(t, options);
  await scene.register("web", "10.0.0.1:80");
  scene.run();
  await scene.clock.advance(0);
  await scene.becomes("web: 10.0.0.1:80*1\n");
  await scene.logged("applied");
  const file = () => scene.report().watch?.templates[0];
  /** Waits until the file is in this state, as time goes on. */
  const becomesState = (state: string) =>
    eventually(`the file is ${state} (it is ${file()?.state})`, async () => {
      await scene.clock.advance(500);
      return file()?.state === state || undefined;
    });
  await becomesState("in sync");
  return { ...scene, file, becomesState };
}

const text = "web: 10.0.0.1:80*1\n";

test("a file that another program changes is out of sync until the next change overwrites it", async (t) => {
  const { path, becomesState, file, register, becomes, clock, logged, log, report, proxy } =
    await inSync(t);
  await writeFile(path, "# by hand\n");
  await becomesState("out of sync");
  assert.equal(file()?.why, `${path} was changed by another program`);
  assert.deepEqual([report().ready, report().degraded], [true, true]);
  await clock.advance(60_000);
  assert.equal(proxy.attempts.length, 1, "it is left as it is");
  await register("web", "10.0.0.2:80");
  await clock.advance(100);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1\n");
  await logged("drift_overwritten");
  await becomesState("in sync");
  assert.equal(report().degraded, false);
  assert.equal(log.events.filter((event) => event === "out_of_sync").length, 1);
});

test("a file whose mode another program changes is out of sync if a mode is configured, and repaired", async (t) => {
  const free = await inSync(t);
  await chmod(free.path, 0o600);
  const { path, becomesState, file } = await inSync(t, { mode: 0o640 });
  assert.equal((await stat(path)).mode & 0o777, 0o640);
  await chmod(path, 0o604);
  await becomesState("out of sync");
  assert.equal(file()?.why, `${path} has mode 604 instead of 640`);
  await free.becomesState("in sync");
  assert.equal(free.file()?.why, "");

  const repairing = await inSync(t, { mode: 0o640, plan: { drift: "repair" } });
  await chmod(repairing.path, 0o604);
  await eventually("its mode is restored", async () => {
    await repairing.clock.advance(500);
    return ((await stat(repairing.path)).mode & 0o777) === 0o640 || undefined;
  });
  await repairing.becomesState("in sync");
});

test("a file that another program removes, and restores, is out of sync until then", async (t) => {
  const { path, becomesState, file, logged } = await inSync(t);
  await rm(path);
  await becomesState("out of sync");
  assert.match(file()?.why ?? "", /was removed/);
  await writeFile(path, text);
  await becomesState("in sync");
  await logged("in_sync");
});

test("a retry puts a changed file right at once, and so does repair without one", async (t) => {
  const asked = await inSync(t);
  await writeFile(asked.path, "# by hand\n");
  await asked.becomesState("out of sync");
  void asked.agent.retry(1000, t.signal);
  await asked.clock.advance(0);
  await asked.becomes(text);
  await asked.logged("drift_overwritten");

  const repairing = await inSync(t, { plan: { drift: "repair" } });
  await writeFile(repairing.path, "# by hand\n");
  await eventually("it is repaired", async () => {
    await repairing.clock.advance(500);
    return (await repairing.text()) === text || undefined;
  });
  await repairing.becomesState("in sync");
});

test("repair takes a rest, for another program may write the same file again and again", async (t) => {
  const { path, clock, proxy, logged } = await inSync(t, { plan: { drift: "repair" } });
  for (const times of [1, 2]) {
    await writeFile(path, "# by hand\n");
    await eventually("it is repaired", async () => {
      await clock.advance(500);
      return proxy.attempts.length > times || undefined;
    });
    await logged("drift_overwritten", times);
  }
  const [, first = 0, second = 0] = proxy.timesMs;
  assert.ok(second - first >= 10_000, `${second - first} ms apart`);
});

test("a proxy that is down makes the agent unready, and is verified anew when it is back", async (t) => {
  const { proxy, becomesState, file, report, logged, attempts } = await inSync(t);
  proxy.observed = { state: "down", why: "the proxy is not running" };
  await becomesState("proxy down");
  assert.equal(file()?.why, "the proxy is not running");
  assert.deepEqual([report().healthy, report().ready], [true, false]);
  await logged("proxy_down");
  proxy.observed = { state: "serving" };
  await becomesState("in sync");
  assert.equal((await attempts(2)).length, 2);
  await logged("applied", 2);
  assert.equal(report().ready, true);
});

test("a proxy that does not answer for less than a second is restarting", async (t) => {
  const { proxy, clock, count } = await inSync(t);
  let looks = 0;
  proxy.observe = async () => {
    looks += 1;
    return looks % 4 === 0 ? { state: "serving" } : { state: "down", why: "no answer" };
  };
  await eventually("it was looked at", async () => {
    await clock.advance(300);
    return looks > 40;
  });
  assert.equal(count("proxy_down"), 0);
});

test("servers that were changed by hand are reported, with the differences", async (t) => {
  const { proxy, becomesState, file } = await inSync(t);
  proxy.observed = { state: "changed", why: "web/a has weight 0 instead of 1" };
  await becomesState("out of sync");
  assert.equal(file()?.why, "the proxy: web/a has weight 0 instead of 1");
  proxy.observed = { state: "serving" };
  await becomesState("in sync");
});

test("a proxy that something else reloads is in sync with the same file, and out of sync with another one", async (t) => {
  const { proxy, path, clock, becomesState, file, agent, becomes } = await inSync(t);
  proxy.observed = { state: "replaced" };
  await eventually("it is adopted", async () => {
    await clock.advance(500);
    return proxy.adoptions === 1;
  });
  assert.equal(file()?.state, "in sync");

  await writeFile(path, "# by hand\n");
  proxy.observed = { state: "replaced" };
  await eventually("it is found to have read the other text", async () => {
    await clock.advance(500);
    return file()?.why === "the proxy was restarted or reloaded with another text";
  });
  // The file is as it should be, and the proxy still runs with the other text.
  await writeFile(path, text);
  await clock.advance(10_000);
  assert.equal(file()?.state, "out of sync");
  assert.equal(proxy.adoptions, 1);
  proxy.observed = { state: "serving" };
  void agent.retry(1000, t.signal);
  await clock.advance(0);
  await becomes(text);
  await becomesState("in sync");
});

test("a proxy that is reloaded at the moment at which its file changes is out of sync", async (t) => {
  const { proxy, path, clock, file, logged } = await inSync(t);
  let looks = 0;
  // The file was compared by the looks before: the change is reported later than the reload is seen.
  proxy.observe = async () => {
    looks += 1;
    if (looks < 3) return { state: "serving" };
    if (looks === 3) writeFileSync(path, "# by hand\n");
    return { state: "replaced" };
  };
  await eventually("it was looked at", async () => {
    await clock.advance(500);
    return looks >= 3;
  });
  await logged("out_of_sync");
  assert.equal(proxy.adoptions, 0);
  assert.equal(file()?.why, "the proxy was restarted or reloaded with another text");
});

test("a proxy that an attempt finds not running makes the agent unready, and is retried at once when it is back", async (t) => {
  const { proxy, register, clock, logged, report, attempts, becomesState } = await inSync(t);
  proxy.rejects = () => new Fault("PROXY_NOT_RUNNING", true, "the proxy is not running");
  proxy.observed = { state: "down", why: "the proxy is not running" };
  await register("web", "10.0.0.2:80");
  await clock.advance(100);
  await logged("proxy_down");
  assert.deepEqual([report().healthy, report().ready], [true, false]);
  assert.deepEqual(
    report().reasons.map(({ kind, message }) => [kind, message]),
    [["proxy down", "the proxy is not running"]],
  );
  proxy.rejects = () => undefined;
  proxy.observed = { state: "serving" };
  await becomesState("in sync");
  assert.ok((await attempts(3)).length >= 3);
  assert.equal(report().degraded, false);
});

test("a proxy that only attempts find not running is retried at once, and then with back-off", async (t) => {
  const { proxy, register, clock, attempts, sleepsUntil, file } = await inSync(t, {
    plan: { retry: { firstMs: 600_000, maxMs: 600_000 } },
  });
  proxy.rejects = () => new Fault("PROXY_NOT_RUNNING", true, "the proxy cannot be reached");
  await register("web", "10.0.0.2:80");
  await clock.advance(100);
  await attempts(3);
  // The attempt has failed, and a look has found the proxy: no time of the clock is to pass before that.
  await sleepsUntil(clock.now() + 300_000);
  await eventually("it was looked at", () => file()?.state !== "proxy down");
  const startMs = clock.now();
  await eventually("a minute has passed", async () => {
    await clock.advance(500);
    return clock.now() - startMs >= 60_000;
  });
  assert.equal(proxy.attempts.length, 3);
});
