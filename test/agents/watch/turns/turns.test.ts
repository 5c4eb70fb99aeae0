import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../../lib/base/fault.ts";
import { rejecting } from "../scene.ts";
import { adjustingWeights, fleet, turnOf } from "./scene.ts";

const two = "web: 10.0.0.1:80*1 10.0.0.2:80*1\n";

test("watchers reload one after the other, each with a pause after it, and the last change is in the next reload", async (t) => {
  const { scenes, first, clock, isServed, until } = await fleet(t, 3);
  await first.register("web", "10.0.0.2:80");
  await until("the first one has reloaded", () => scenes.some((one) => isServed(one, two)));
  const [leader] = scenes.filter((one) => isServed(one, two));
  const others = scenes.filter((one) => one !== leader);
  await until("the others wait", () => others.every((one) => turnOf(one) === "waiting"));
  await clock.advance(1000);
  await first.register("web", "10.0.0.3:80");
  const three = "web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1\n";
  await until("all serve both", () => scenes.every((one) => isServed(one, three)));
  const times = scenes.flatMap(({ proxy }) => proxy.timesMs.slice(1)).sort((a, b) => a - b);
  assert.equal(times.length, 4, "the others reload once for both changes");
  const gaps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0));
  assert.ok(
    gaps.every((ms) => ms >= 5000 && ms < 8000),
    String(gaps),
  );
  assert.ok(others.every((one) => one.count("turn_waits") === 1));
  await until("the last one gives its turn back", () =>
    scenes.every((one) => one.count("turn_ended") >= 1),
  );
});

test("a first start, a proxy that does not run and a change at run time do not wait", async (t) => {
  const { scenes, first, clock, store, isServed, until } = await fleet(t, 1);
  assert.equal(first.count("turn_ended"), 0, "the first start takes no turn");
  const other = await store.open().open(3_600_000, t.signal);
  const value = { session: other.id, watcher: "other", max: 1, for: "x", since: "", n: 1 };
  await other.put("/sidekick/turns/edge/other", JSON.stringify(value), t.signal);
  first.proxy.canAdjust = adjustingWeights;
  const session = await store.open().open(3_600_000, t.signal);
  const weighed = '{"host":"10.0.0.2","port":80,"weight":1}';
  await first.register("web", "10.0.0.3:80");
  await until("it waits", () => turnOf(first) === "waiting");
  await clock.advance(30_000);
  assert.ok(!isServed(first, "web: 10.0.0.1:80*1 10.0.0.3:80*1\n"));
  assert.equal(first.report().healthy, true);
  first.proxy.observed = { state: "down", why: "it does not run" };
  await session.put("/services/web/10.0.0.2:80", weighed, t.signal);
  await until("it is written for the start of the proxy", () =>
    isServed(first, "web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1\n"),
  );
  first.proxy.observed = { state: "serving" };
  await until("it waits for nothing", () => turnOf(first) === undefined);
  await session.put("/services/web/10.0.0.2:80", weighed.replace(":1}", ":7}"), t.signal);
  await until("the weight is changed at once", () =>
    isServed(first, "web: 10.0.0.1:80*1 10.0.0.2:80*7 10.0.0.3:80*1\n"),
  );
  assert.equal(scenes.length, 1);
});

test("what the check command refuses does not queue", async (t) => {
  const check = {
    run: ["/bin/sh", "-c", '! grep -q 10.0.0.9 "$0"', "{candidate}"],
    timeout: 5000,
  };
  const { scenes, first, store, until } = await fleet(t, 1, {}, { check });
  const other = await store.open().open(3_600_000, t.signal);
  const value = { session: other.id, watcher: "other", max: 1, for: "x", since: "", n: 1 };
  await other.put("/sidekick/turns/edge/other", JSON.stringify(value), t.signal);
  await first.register("web", "10.0.0.9:80");
  await until("the entry is quarantined", () => first.count("quarantined") === 1);
  await until("it is verified without it", () => first.report().watch?.quarantined.length === 1);
  assert.equal(turnOf(first), undefined);
  assert.equal(scenes.length, 1);
});

test("what the proxy of one watcher refuses is quarantined by the others without a try", async (t) => {
  const { scenes, first, clock, store, isServed, until } = await fleet(t, 3);
  for (const { proxy } of scenes) proxy.rejects = rejecting("10.0.0.9");
  await first.register("web", "10.0.0.9:80", "10.0.0.2:80");
  await until("all serve the good one", () => scenes.every((one) => isServed(one, two)));
  await until("all have quarantined the bad one", () =>
    scenes.every((one) => one.report().watch?.quarantined.length === 1),
  );
  const tried = scenes.filter(({ proxy }) =>
    proxy.attempts.some(({ texts }) => texts[0]?.includes("10.0.0.9")),
  );
  assert.equal(tried.length, 1);
  const [leader] = tried;
  const followers = scenes.filter((one) => one !== leader);
  const number = leader ? scenes.indexOf(leader) + 1 : 0;
  for (const one of followers) {
    const [bad] = one.report().watch?.quarantined ?? [];
    assert.match(bad?.why ?? "", new RegExp(`watcher\\.${number} was refused it`));
  }
  // The first one tries again now and then; the others believe it for 5 minutes.
  await clock.advance(250_000);
  assert.ok(
    followers.every(
      ({ proxy }) => !proxy.attempts.some(({ texts }) => texts[0]?.includes("10.0.0.9")),
    ),
  );
  const session = await store.open().open(3_600_000, t.signal);
  store.write("/services/web/10.0.0.9:80", "10.0.0.8:80");
  await until(
    "the mended entry is served",
    () => scenes.every((one) => isServed(one, "web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.8:80*1\n")),
    1000,
  );
  await session.close();
});

test("a holder whose reload hangs gives its turn back after the limit", async (t) => {
  const { scenes, first, isServed, until } = await fleet(t, 2, { holdMs: 10_000 });
  const hanging = Promise.withResolvers<void>();
  t.after(() => hanging.resolve());
  let holder: (typeof scenes)[number] | undefined;
  for (const one of scenes) {
    const apply = one.proxy.apply.bind(one.proxy);
    one.proxy.apply = async (change) => {
      holder ??= one;
      if (holder === one) await hanging.promise;
      return await apply(change);
    };
  }
  await first.register("web", "10.0.0.2:80");
  await until("the other one has reloaded", () => scenes.some((one) => isServed(one, two)));
  assert.equal(holder?.count("turn_overdue"), 1);
  hanging.resolve();
  await until("the first one, too", () => scenes.every((one) => isServed(one, two)));
});

test("while the keyspace denies turns, a reload is done alone after a while, or never", async (t) => {
  for (const isAlone of [true, false]) {
    const otherwise = { waitMs: 60_000, isAlone };
    const { first, clock, isServed, until } = await fleet(t, 1, { otherwise });
    first.keyspace.denied = (key) =>
      key.startsWith("/sidekick/turns/") ? new Fault("KEYSPACE_REFUSED", true, "no") : undefined;
    await first.register("web", "10.0.0.2:80");
    await until("it waits", () => turnOf(first) === "waiting");
    await clock.advance(50_000);
    assert.ok(!isServed(first, two));
    assert.ok(first.count("fault") > 0);
    await clock.advance(200_000);
    if (!isAlone) {
      assert.ok(!isServed(first, two));
      first.keyspace.denied = () => undefined;
    }
    await until("it is served", () => isServed(first, two), 1000);
    assert.equal(first.count("turn_alone"), isAlone ? 1 : 0);
  }
});

test("with a canary, two that may reload at a time wait until the first one has kept its turn for a while", async (t) => {
  const max = { count: 3 };
  const { scenes, first, isServed, until } = await fleet(t, 4, { max, canary: true });
  await first.register("web", "10.0.0.2:80");
  await until("all have reloaded", () => scenes.every((one) => isServed(one, two)));
  const times = scenes.map(({ proxy }) => proxy.timesMs.at(-1) ?? 0).sort((a, b) => a - b);
  const [canary = 0, ...others] = times;
  assert.ok(
    others.every((ms) => ms >= canary + 5000),
    String(times),
  );
  assert.ok((others.at(-1) ?? 0) - (others[0] ?? 0) < 5000, String(times));
});
