import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { untilAborted } from "../../../lib/base/signal.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { atEnd, eventually, throwAwayFolder } from "../../support/process.ts";
import { checkedService, drainDelayMs, presenceScene, service, storedIn } from "./scene.ts";

const web = "/services/web/10.0.0.1:80";
const db = "/services/db/10.0.0.1:80";

/** Each state of a store that a client sees, from now on. */
function states(t: TestContext, store: MemoryStore): readonly Snapshot[] {
  const seen: Snapshot[] = [];
  const ending = new AbortController();
  const follow = async () => {
    for await (const batch of store.open().watch(["/"], ending.signal))
      seen.push((seen.at(-1) ?? Snapshot.empty).after(batch));
  };
  const ended = untilAborted(ending.signal, follow());
  atEnd(t, async () => {
    ending.abort();
    await ended;
  });
  return seen;
}

async function started(
  t: TestContext,
  ...args: Parameters<typeof presenceScene> extends [unknown, ...infer Rest] ? Rest : never
) {
  const scene = presenceScene(t, ...args);
  const running = scene.run();
  await scene.clock.advance(100);
  const seen = states(t, scene.store);
  await scene.clock.advance(0);
  const entryOf = (key: string) => seen.at(-1)?.get(key);
  return { ...scene, ...running, seen, entryOf };
}

const absent = (seen: readonly Snapshot[], key: string) =>
  seen.filter((one) => one.get(key) === undefined).length;

test("services come and go: an entry of both plans is not written again, and a service that goes is drained first", async (t) => {
  const { clock, log, keyspace, replacePlan, seen, entryOf, report, instance } = await started(t, {
    services: [service("web"), service("db")],
  });
  const before = entryOf(web);
  replacePlan({ services: [service("web"), service("api")] });
  await clock.advance(0);
  assert.match(entryOf("/services/api/10.0.0.1:80")?.value ?? "", /"port":80/);
  assert.match(entryOf(db)?.value ?? "", /"weight":0/);
  assert.equal(instance("db/10.0.0.1:80")?.draining, true);
  await clock.advance(drainDelayMs);
  assert.equal(entryOf(db), undefined);
  await clock.advance(100);
  assert.equal(entryOf(web), before);
  assert.equal(absent(seen, web), 0);
  assert.equal(keyspace.opened, 1, "the session is kept");
  const names = report().presence?.instances.map(({ name }) => name);
  assert.deepEqual(names, ["web/10.0.0.1:80", "api/10.0.0.1:80"]);
  const lines = log.events.filter((event) => event.startsWith("drain_"));
  assert.deepEqual(lines, ["drain_started", "drain_ended"]);
});

test("a service that is back before it has gone is registered with its weight again, and can be left again", async (t) => {
  const { clock, replacePlan, seen, entryOf } = await started(t, {
    services: [service("web"), { ...service("db"), path: "/data" }],
  });
  const key = "/data/10.0.0.1:80";
  const services = [service("web")];
  replacePlan({ services });
  await clock.advance(drainDelayMs / 2);
  assert.match(entryOf(key)?.value ?? "", /"weight":0/);
  replacePlan({ services: [...services, { ...service("db"), path: "/data" }] });
  await clock.advance(drainDelayMs);
  assert.equal(absent(seen, key), 0);
  assert.doesNotMatch(entryOf(key)?.value ?? "", /weight/);
  replacePlan({ services });
  await clock.advance(drainDelayMs);
  assert.equal(entryOf(key), undefined);
});

test("another name, format, label or folder of an entry changes it in place or puts it first, in the same session", async (t) => {
  const { clock, keyspace, replacePlan, seen, entryOf } = await started(t);
  const owner = entryOf(web)?.owner;
  replacePlan({
    services: [{ ...service("web"), labels: { zone: "a" }, weight: 7 }],
    name: "other",
  });
  await clock.advance(0);
  assert.match(entryOf(web)?.value ?? "", /"name":"other".*"weight":7.*"zone":"a"/);
  replacePlan({ format: "address" });
  await clock.advance(0);
  assert.equal(entryOf(web)?.value, "10.0.0.1:80");
  assert.equal(absent(seen, web), 0);
  replacePlan({ format: "address", prefix: "/live" });
  await clock.advance(2000);
  const moved = "/live/web/10.0.0.1:80";
  assert.equal(entryOf(moved)?.value, "10.0.0.1:80");
  assert.equal(entryOf(web), undefined);
  const neither = seen.filter((one) => !one.get(web) && !one.get(moved));
  assert.equal(neither.length, 0);
  assert.equal(entryOf(moved)?.owner, owner);
  assert.equal(keyspace.opened, 1);
});

test("with another TTL the entries move to a new session, although they change at the same time; no key is absent", async (t) => {
  const { clock, log, keyspace, replacePlan, seen, entryOf, report } = await started(t);
  const owner = entryOf(web)?.owner;
  replacePlan({ ttlMs: 20_000, services: [{ ...service("web"), weight: 7 }, service("db")] });
  await clock.advance(5000);
  assert.match(entryOf(web)?.value ?? "", /"weight":7/);
  assert.notEqual(entryOf(web)?.owner, owner);
  assert.equal(entryOf(db)?.owner, entryOf(web)?.owner);
  assert.equal(absent(seen, web), 0);
  assert.equal(keyspace.opened, 2);
  assert.match(
    log.lines.find(({ event }) => event === "entries_moved")?.message ?? "",
    /^1 entry has moved to a new session with a TTL of 20s$/,
  );
  assert.equal(report().healthy, true);
  assert.equal(report().ready, true);
  // The former session is closed: nothing expires or is taken back later.
  const { length } = seen;
  await clock.advance(60_000);
  assert.equal(seen.length, length);
});

test("entries are in another keyspace before they are gone from the first one, which is kept while the other is unreachable", async (t) => {
  const { plan: api } = await checkedService(t, "api");
  const { clock, replacePlan, seen, entryOf, keyspace, agent, report, log } = await started(t, {
    services: [service("web"), { ...api, checks: [] }],
  });
  const other = new MemoryStore(clock, "memory:other");
  const next = new FaultyKeyspace(other.open());
  next.disconnect();
  replacePlan({ services: [service("web")] }, next);
  await clock.advance(drainDelayMs);
  assert.deepEqual(
    [...(seen.at(-1)?.chunks.flat() ?? [])].map(({ key }) => key),
    [web],
    "it goes on there",
  );
  assert.equal(
    report().loops.some(({ state }) => state === "failing"),
    true,
  );
  next.reconnect();
  const there = states(t, other);
  await clock.advance(5000);
  assert.ok(there.at(-1)?.get(web));
  assert.equal(entryOf(web), undefined);
  const sentence = log.lines.find(({ event }) => event === "entries_moved")?.message;
  assert.equal(sentence, "1 entry has moved to memory:other with a TTL of 10s");
  assert.equal(report().healthy, true);
  keyspace.disconnect();
  other.write(web, "stolen");
  await clock.advance(20_000);
  assert.match(there.at(-1)?.get(web)?.value ?? "", /"port":80/, "entries are restored there");
  const drained = agent.operations.drain(
    { names: ["web/10.0.0.1:80"], forMs: 0, wait: false },
    t.signal,
  );
  await clock.advance(1000);
  assert.deepEqual((await drained).drained, ["web/10.0.0.1:80"]);
  assert.equal(there.at(-1)?.get(web), undefined);
});

test("a target that changes to and fro before anything has moved loses no key", async (t) => {
  const { clock, replacePlan, seen, entryOf, keyspace } = await started(t);
  const other = new MemoryStore(clock, "memory:other");
  replacePlan({}, other.open());
  replacePlan({ ttlMs: 20_000 });
  await clock.advance(0);
  replacePlan({});
  replacePlan({ ttlMs: 30_000 });
  await clock.advance(5000);
  assert.equal(absent(seen, web), 0);
  assert.ok(entryOf(web));
  assert.deepEqual(await storedIn(other, "/services"), {});
  const { opened } = keyspace;
  await clock.advance(60_000);
  assert.equal(keyspace.opened, opened);
});

test("the health of an instance with other checks is that of before until they conclude otherwise", async (t) => {
  const { plan } = await checkedService(t, "web");
  const { clock, replacePlan, seen, entryOf } = await started(t, { services: [service("web")] });
  const [check] = plan.checks;
  assert.ok(check);
  replacePlan({ services: [{ ...service("web"), checks: [check] }] });
  await clock.advance(2000);
  assert.ok(entryOf(web));
  assert.equal(absent(seen, web), 0);
});

test("entries are signed, by another key, and not at all any longer, each in place", async (t) => {
  const folder = await throwAwayFolder(t);
  const keys = ["first", "second"].map((keyName) => {
    const keyFile = join(folder, keyName);
    const { privateKey } = generateKeyPairSync("ed25519");
    writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
    return { keyFile, keyName, validityMs: 3_600_000 };
  });
  const { clock, keyspace, replacePlan, seen, entryOf } = await started(t, {
    services: [service("web")],
  });
  const becomes = (what: string, isSo: (value: string) => boolean) =>
    eventually(what, async () => {
      await clock.advance(10);
      return isSo(entryOf(web)?.value ?? "");
    });
  for (const sign of keys) {
    replacePlan({ services: [service("web")], sign });
    await becomes(sign.keyName, (value) => value.includes(sign.keyName));
  }
  assert.equal(absent(seen, web), 0);
  const [, sign] = keys;
  assert.ok(sign);
  const before = entryOf(web)?.value;
  const elsewhere = `/other/web/10.0.0.1:80`;
  replacePlan({ services: [{ ...service("web"), path: "/other/web" }], sign });
  await becomes("it is signed at its new key", () => {
    const { value = "" } = entryOf(elsewhere) ?? {};
    return value.includes("second") && value !== before;
  });
  replacePlan({ services: [service("web")] });
  await becomes("no key", (value) => value !== "" && !/first|second/.test(value));
  assert.equal(keyspace.opened, 1);
});
