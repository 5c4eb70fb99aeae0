import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import type { RequestResult, Wanted } from "../../../../lib/destination/contract.ts";
import { createDestination, destinationSchema } from "../../../../lib/destination/kinds.ts";
import { type ConsulStandIn, startConsul } from "../../../stand-in/consul.ts";
import { withCode } from "../../../support/faults.ts";
import { atEnd, eventually } from "../../../support/process.ts";

const labels = { tags: "a,b", zone: "z1", "team.name": "shop" };
const instance = { service: "web", id: "one", host: "10.0.0.1", port: 80, weight: 5, labels };
const wanted: Wanted = { name: "web/one", instance, isDraining: false };
const other: Wanted = {
  ...wanted,
  name: "web/two",
  instance: { ...instance, id: "two", port: 81 },
};

async function destinationAt(t: TestContext, { address }: ConsulStandIn, config: object = {}) {
  const results: RequestResult[] = [];
  const deps = { clock: systemClock, random: Math.random, wallMs: Date.now, env: {} };
  const parsed = destinationSchema.parse({ consul: { url: `http://${address}`, ...config } });
  const destination = await createDestination(parsed, {
    ...deps,
    onRequest: (result) => results.push(result),
  });
  atEnd(t, () => destination[Symbol.asyncDispose]());
  const stateOf = async (one: Wanted) =>
    (await destination.observe([one], t.signal)).get(one.name)?.state;
  return { destination, results, stateOf };
}

test("an instance is a service of the agent, with its weight, tags and metadata", async (t) => {
  const standIn = await startConsul(t);
  const { destination, stateOf } = await destinationAt(t, standIn);
  assert.equal(await stateOf(wanted), "absent");
  await destination.register([wanted, other], t.signal);
  const [service, second] = standIn.consul.catalog.services;
  assert.deepEqual(
    [service?.ID, service?.Service, service?.Address, service?.Port, second?.ID],
    ["web:one", "web", "10.0.0.1", 80, "web:two"],
  );
  assert.deepEqual(
    [service?.Tags, service?.Meta, service?.Weights],
    [["a", "b"], { zone: "z1", team_name: "shop" }, { Passing: 5, Warning: 1 }],
  );
  assert.equal(await stateOf(wanted), "serving");
  await destination.deregister([wanted, other], t.signal);
  await destination.deregister([wanted], t.signal);
  assert.equal(await stateOf(wanted), "absent");
});

test("registering again only passes the check, until the agent has lost the service", async (t) => {
  const standIn = await startConsul(t);
  const { consul, requests } = standIn;
  const { destination, stateOf } = await destinationAt(t, standIn);
  await destination.register([wanted], t.signal);
  requests.length = 0;
  await destination.register([wanted], t.signal);
  assert.deepEqual(requests, ["PUT /v1/agent/check/pass/service%3Aweb%3Aone"]);
  consul.catalog.deregister("web:one");
  await destination.register([wanted], t.signal);
  assert.equal(await stateOf(wanted), "serving");
});

test("a service whose check does not pass in time is failing, and is deregistered later", async (t) => {
  const standIn = await startConsul(t, { reaper: { everyMs: 20, minAfterMs: 0 } });
  const { destination } = await destinationAt(t, standIn);
  await destination.register([wanted], t.signal);
  const { catalog } = standIn.consul;
  // As after an agent that was killed: the definition with times of a test.
  const check = {
    CheckID: "service:web:one",
    TTL: "200ms",
    DeregisterCriticalServiceAfter: "300ms",
  };
  catalog.register({ ID: "web:one", Name: "web", Port: 80, Check: check });
  const observed = async () => (await destination.observe([wanted], t.signal)).get("web/one");
  const failing = await eventually("failing", async () => {
    const now = await observed();
    return now?.state === "failing" ? now : undefined;
  });
  assert.equal(failing.why, "Service 'web' check: TTL expired");
  await eventually("gone", async () => (await observed())?.state === "absent");
});

test("a draining instance is in maintenance mode, also for a process that follows", async (t) => {
  const standIn = await startConsul(t);
  const { destination, stateOf } = await destinationAt(t, standIn);
  await destination.register([wanted], t.signal);
  await destination.register([{ ...wanted, isDraining: true }], t.signal);
  assert.equal(await stateOf(wanted), "draining");
  const successor = await destinationAt(t, standIn);
  await successor.destination.register([wanted], t.signal);
  assert.equal(await stateOf(wanted), "serving");
});

test("a token that may not, and an agent that is gone, are one sentence each; the others are registered", async (t) => {
  const standIn = await startConsul(t);
  const { consul, address } = standIn;
  consul.acl.tokens.set("good", { reads: [], writes: [], services: ["web"] });
  const { destination, results } = await destinationAt(t, standIn, { token: "good" });
  const foreign = { ...other, instance: { ...other.instance, service: "db" } };
  await assert.rejects(
    destination.register([foreign, wanted], t.signal),
    withCode("DESTINATION_ACCESS_DENIED", /not permitted to register db:two .*service:write/),
  );
  assert.deepEqual(
    consul.catalog.services.map(({ ID }) => ID),
    ["web:one"],
  );
  assert.ok(results.includes("refused") && results.includes("ok"));
  await standIn.stop();
  const unreachable = new RegExp(`^consul/${address} is unreachable at http://${address}: `);
  await assert.rejects(
    destination.register([wanted], t.signal),
    withCode("DESTINATION_UNREACHABLE", unreachable),
  );
  await standIn.restart();
  await destination.register([wanted], t.signal);
});
