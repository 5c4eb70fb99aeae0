import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { schema as dockerSchema } from "../../../lib/discover/docker/schema.ts";
import { startStandInEngine } from "../../lib/clients/docker/stand-in-engine.ts";
import { denial } from "../../support/faulty-keyspace.ts";
import { eventually } from "../../support/process.ts";
import { checkedService, presenceScene, service, ttlMs } from "./scene.ts";

const key = "/services/web/10.0.0.1:80";
const value = '{"host":"10.0.0.1","port":80,"name":"host"}';

test("a healthy instance is registered, and status confirms it", async (t) => {
  const { run, clock, stored, instance, loop, report, log } = presenceScene(t);
  assert.equal(report().presence?.isComplete, false);
  run();
  await clock.advance(0);
  assert.deepEqual(await stored(), { [key]: value });
  assert.deepEqual(instance("web/10.0.0.1:80"), {
    ...{ name: "web/10.0.0.1:80", verdict: "up", why: "" },
    ...{ registered: true, wasRegistered: true, draining: false },
  });
  assert.equal(report().presence?.isComplete, true);
  assert.deepEqual(
    ["registering", "following registered keys"].map((name) => loop(name)?.state),
    ["ok", "ok"],
  );
  assert.deepEqual(report().keyspace, {
    ...{ url: "memory:", reachable: true, since: new Date(0).toISOString() },
  });
  assert.deepEqual(log.events, ["registered"]);
});

test("discovery has not completed until the container engine has answered; configured instances do not wait", async (t) => {
  const engine = await startStandInEngine(t);
  engine.answer = (_path, response) => {
    response.destroy();
    return true;
  };
  const docker = dockerSchema.parse({ socket: engine.socket, ip: "10.0.0.1" });
  const { run, clock, stored, report, loop } = presenceScene(t, { docker });
  run();
  await eventually("a fault", () => loop("following containers")?.state === "failing");
  await clock.advance(0);
  assert.deepEqual(await stored(), { [key]: value });
  assert.equal(report().presence?.isComplete, false);
  assert.deepEqual(
    [report().ready, report().reasons[0]?.message],
    [false, "discovery has not completed"],
  );
  engine.answer = () => undefined;
  await eventually("it has completed", async () => {
    await clock.advance(100);
    return report().presence?.isComplete;
  });
  assert.equal(report().ready, true);
});

test("with format address an entry is the address", async (t) => {
  const { run, clock, stored } = presenceScene(t, { format: "address" });
  run();
  await clock.advance(0);
  assert.deepEqual(await stored(), { [key]: "10.0.0.1:80" });
});

test("an unhealthy instance is deregistered, and registered again once it has recovered", async (t) => {
  const { file, plan } = await checkedService(t, "web");
  const { run, clock, stored, instance, log } = presenceScene(t, { services: [plan] });
  run();
  assert.deepEqual(await stored(), {}, "an instance that was not checked yet is not registered");
  const reaches = (count: number) =>
    eventually(`${count} entries`, async () => {
      await clock.advance(1000);
      return Object.keys(await stored()).length === count;
    });
  await reaches(1);
  await rm(file);
  await reaches(0);
  const { verdict, registered, why } = instance("web/10.0.0.1:80") ?? {};
  assert.deepEqual(
    { verdict, registered, why },
    { verdict: "down", registered: false, why: `exec test -e ${file}: exit code 1` },
  );
  await writeFile(file, "");
  await reaches(1);
  assert.deepEqual(log.events, [
    ...["health_changed", "registered"],
    ...["health_changed", "deregistered"],
    ...["health_changed", "registered"],
  ]);
});

test("an entry that another client overwrites or removes is restored", async (t) => {
  const { run, clock, store, client, stored, log } = presenceScene(t);
  run();
  await clock.advance(0);
  store.write(key, "theirs");
  await clock.advance(0);
  assert.deepEqual(await stored(), { [key]: value });
  await clock.advance(ttlMs);
  const twin = await client.open(ttlMs, never);
  await twin.put(key, value, never, { overwrites: true });
  await twin.close();
  await clock.advance(0);
  assert.deepEqual(await stored(), { [key]: value });
  assert.deepEqual(log.events, ["registered", "restored", "restored"]);
});

test("an entry that is overwritten again and again is restored once in a time to live", async (t) => {
  const { run, clock, store, stored, log } = presenceScene(t);
  run();
  await clock.advance(0);
  for (let i = 0; i < 3; i += 1) {
    store.write(key, `theirs ${i}`);
    await clock.advance(0);
  }
  assert.deepEqual(await stored(), { [key]: "theirs 2" });
  assert.deepEqual(log.events, ["registered", "restored"]);
  await clock.advance(ttlMs - 1);
  assert.deepEqual(await stored(), { [key]: "theirs 2" });
  await clock.advance(1);
  assert.deepEqual(await stored(), { [key]: value });
});

test("a session that expired is replaced, and every instance is registered anew", async (t) => {
  const services = [service("web"), service("db")];
  const { run, clock, store, keyspace, stored, instance, log } = presenceScene(t, { services });
  run();
  await clock.advance(0);
  keyspace.disconnect();
  store.expireSessions();
  await clock.advance(0);
  assert.deepEqual(await stored(), {});
  await clock.advance(1000);
  assert.equal(instance("web/10.0.0.1:80")?.registered, false);
  keyspace.reconnect();
  await clock.advance(2000);
  assert.deepEqual(Object.keys(await stored()).sort(), ["/services/db/10.0.0.1:80", key]);
  assert.equal(instance("web/10.0.0.1:80")?.registered, true);
  assert.equal(log.events.at(-1), "recovered");
});

test("a session that expired while the keyspace answers is replaced after the first delay", async (t) => {
  const { run, clock, store, stored, loop } = presenceScene(t);
  run();
  await clock.advance(ttlMs);
  store.expireSessions();
  await clock.advance(49);
  assert.deepEqual(await stored(), {});
  assert.equal(loop("registering")?.fault?.code, "KEYSPACE_SESSION_EXPIRED");
  await clock.advance(1);
  assert.deepEqual(await stored(), { [key]: value });
  assert.equal(loop("registering")?.state, "ok");
});

test("an unreachable keyspace is tried again with back-off, and reported once", async (t) => {
  const { run, clock, keyspace, stored, report, log } = presenceScene(t);
  keyspace.disconnect();
  run();
  await clock.advance(0);
  assert.equal(report().keyspace.reachable, false);
  assert.equal(report().keyspace.fault?.code, "KEYSPACE_UNREACHABLE");
  const opened: number[] = [];
  for (const ms of [50, 100, 200, 400, 800, 1000, 1000]) {
    await clock.advance(ms - 1);
    opened.push(keyspace.opened);
    await clock.advance(1);
  }
  assert.deepEqual(opened, [1, 2, 3, 4, 5, 6, 7], "from 100ms to 2s, halved by chance");
  keyspace.reconnect();
  await clock.advance(1000);
  assert.equal((await stored())[key], value);
  assert.equal(report().keyspace.reachable, true);
  assert.deepEqual([...log.events].sort(), ["fault", "recovered", "registered"]);
});

test("after a success the next fault waits for the first delay again", async (t) => {
  const { run, clock, keyspace, loop } = presenceScene(t);
  keyspace.disconnect();
  run();
  await clock.advance(10_000);
  keyspace.reconnect();
  await clock.advance(2000);
  assert.equal(loop("following registered keys")?.state, "ok");
  keyspace.disconnect();
  await clock.advance(0);
  assert.equal(loop("following registered keys")?.state, "failing");
  keyspace.reconnect();
  await clock.advance(50);
  assert.equal(loop("following registered keys")?.state, "ok");
});

test("entries outlive a connection that is lost, and nothing is written again", async (t) => {
  const { run, clock, keyspace, stored, instance, log } = presenceScene(t);
  run();
  await clock.advance(0);
  keyspace.disconnect();
  await clock.advance(5000);
  assert.deepEqual(await stored(), { [key]: value });
  assert.equal(instance("web/10.0.0.1:80")?.registered, true);
  keyspace.reconnect();
  await clock.advance(2000);
  assert.deepEqual(log.events, ["registered", "fault", "recovered"]);
  const fault = log.lines.find(({ event }) => event === "fault");
  assert.match(fault?.message ?? "", /registered entries stay until their TTL expires/);
});

test("a key that another agent holds is a fault until it is free, and holds up no other instance", async (t) => {
  const services = [service("web"), service("db")];
  const { run, clock, client, stored, instance, loop, log } = presenceScene(t, { services });
  const other = await client.open(ttlMs, never);
  await other.put(key, "theirs", never);
  run();
  await clock.advance(5 * ttlMs);
  assert.equal((await stored())[key], "theirs");
  assert.deepEqual(
    [instance("web/10.0.0.1:80")?.registered, instance("db/10.0.0.1:80")?.registered],
    [false, true],
  );
  assert.equal(loop("registering")?.fault?.code, "KEYSPACE_KEY_CONFLICT");
  assert.deepEqual(log.events, ["registered", "fault"], "it has not recovered meanwhile");
  await other.close();
  await clock.advance(0);
  assert.equal((await stored())[key], value);
  assert.equal(loop("registering")?.state, "ok");
  assert.deepEqual(log.events, ["registered", "fault", "registered", "recovered"]);
});

test("an entry that cannot be written is tried again in the same session", async (t) => {
  const services = [service("web"), service("db")];
  const { run, clock, keyspace, stored, loop } = presenceScene(t, { services });
  keyspace.denied = (one) => (one === key ? denial(keyspace.url) : undefined);
  run();
  await clock.advance(5000);
  assert.deepEqual(Object.keys(await stored()), ["/services/db/10.0.0.1:80"]);
  assert.equal(loop("registering")?.state, "failing");
  keyspace.denied = () => undefined;
  await clock.advance(2000);
  assert.deepEqual(Object.keys(await stored()).sort(), ["/services/db/10.0.0.1:80", key]);
  assert.equal(keyspace.opened, 1);
});

test("an error that is no fault ends the agent, and its entries are removed", async (t) => {
  const { run, clock, keyspace, stored } = presenceScene(t);
  const { ended } = run();
  await clock.advance(0);
  keyspace.disconnect(new TypeError("a bug"));
  await assert.rejects(ended, { message: "a bug" });
  assert.deepEqual(await stored(), {});
});

test("a TTL that the keyspace limits is logged once, with the requested and the granted one", async (t) => {
  const scene = presenceScene(t);
  const { run, clock, keyspace, store, log } = scene;
  keyspace.granted = () => 4000;
  run();
  await clock.advance(0);
  store.expireSessions();
  await clock.advance(5000);
  assert.equal(keyspace.opened, 2);
  const logged = () => log.lines.filter(({ event }) => event === "ttl_limited");
  assert.deepEqual(
    logged().map(({ message }) => message),
    [
      "the keyspace limits the TTL of sessions: 10s requested, 4s granted; entries of a killed agent stay for 4s",
    ],
  );
  keyspace.granted = () => ttlMs + 500;
  store.expireSessions();
  await clock.advance(5000);
  assert.equal(logged().length, 1);
});
