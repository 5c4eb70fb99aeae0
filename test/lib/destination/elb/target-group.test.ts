import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../../lib/base/signal.ts";
import { arn, scene, statesOf, wanted } from "./scene.ts";

const [a, b] = [wanted("web/a", "10.0.0.1", 8080), wanted("web/b", "10.0.0.1", 8081)];
const none = "absent (Target.NotRegistered: Target is not registered to the target group)";

test("addresses are registered with their ports, serve, drain and are absent", async (t) => {
  const { aws, open, advance } = await scene(t, { initialMs: 30_000, drainMs: 300_000 });
  const registrations = aws.addTargetGroup(arn, "ip");
  const group = await open({ targetGroup: { arn } });
  assert.equal(group.name, "targetGroup/my-targets");
  const states = () => statesOf(group, [a, b], never);

  assert.deepEqual(await states(), { "web/a": none, "web/b": none });
  await group.register([a, b], never);
  assert.deepEqual(registrations.keys(), ["10.0.0.1 8080", "10.0.0.1 8081"]);
  const initial = "registering (Elb.RegistrationInProgress: Target registration is in progress)";
  assert.deepEqual(await states(), { "web/a": initial, "web/b": initial });
  await advance(30_000);
  registrations.setHealthy("10.0.0.1 8081", false);
  const failing = "failing (Target.FailedHealthChecks: Health checks failed)";
  assert.deepEqual(await states(), { "web/a": "serving", "web/b": failing });
  await group.deregister([b], never);
  const draining =
    "draining (Target.DeregistrationInProgress: Target deregistration is in progress)";
  assert.deepEqual(await states(), { "web/a": "serving", "web/b": draining });
  await advance(300_000);
  assert.deepEqual(await states(), { "web/a": "serving", "web/b": none });
  assert.notEqual(group.registrationOf(a.instance), group.registrationOf(b.instance));
});

test("this machine is registered with the ports of its instances", async (t) => {
  const { aws, open } = await scene(t);
  const registrations = aws.addTargetGroup(arn, "instance");
  const group = await open({ targetGroup: { arn, id: "instance" } });
  await group.register([a, b, wanted("web/same", "10.0.0.9", 8081)], never);
  assert.deepEqual(registrations.keys(), ["i-315b7e51 8080", "i-315b7e51 8081"]);
  assert.equal(
    group.registrationOf(b.instance),
    group.registrationOf(wanted("web/same", "10.0.0.9", 8081).instance),
  );
  assert.deepEqual(await statesOf(group, [b], never), { "web/b": "serving" });
});

test("addresses outside the VPC need availabilityZone: all", async (t) => {
  const { aws, open } = await scene(t);
  const registrations = aws.addTargetGroup(arn, "ip");
  const outside = wanted("web/outside", "192.168.0.1");
  const plain = await open({ targetGroup: { arn } });
  await assert.rejects(plain.register([outside], never), {
    code: "DESTINATION_INSTANCE_REJECTED",
    message: /rejects 192\.168\.0\.1:8080: ValidationError: .* AvailabilityZone must be 'all'/,
  });
  const all = await open({ targetGroup: { arn, availabilityZone: "all" } });
  await all.register([outside, a], never);
  assert.deepEqual(registrations.keys(), ["192.168.0.1 8080", "10.0.0.1 8080"]);
  assert.match(aws.requests.at(-1)?.body ?? "", /Targets\.member\.2\.AvailabilityZone=all/);
});

test("a target that is rejected, and a host name, do not keep the others from being registered", async (t) => {
  const { aws, open } = await scene(t);
  const registrations = aws.addTargetGroup(arn, "ip");
  const group = await open({ targetGroup: { arn } });
  const many = Array.from({ length: 205 }, (_, i) => wanted(`web/${i}`, "10.0.1.1", 8000 + i));
  const bad = wanted("web/bad", "192.168.0.1");
  await assert.rejects(group.register([a, bad, ...many], never), /rejects 192\.168\.0\.1:8080/);
  assert.equal(registrations.keys().length, 206);
  const named = wanted("web/named", "web-1.example.com");
  await assert.rejects(group.register([named, b], never), {
    code: "DESTINATION_INSTANCE_REJECTED",
    message:
      "targetGroup/my-targets rejects web/named: web-1.example.com is a host name; set its IP address as host, or use a group of the target type instance",
  });
  assert.equal(registrations.phase("10.0.0.1 8081"), "healthy");
  const states = await statesOf(group, [named, bad, b], never);
  assert.deepEqual(states, { "web/named": "absent", "web/bad": none, "web/b": "serving" });
  assert.equal((await group.observe(many, never)).size, 205);
  await group.deregister([named, ...many, a, b], never);
  assert.deepEqual(registrations.keys(), []);
});

test("the group serves without an instance only if another target is healthy", async (t) => {
  const { aws, open } = await scene(t);
  const registrations = aws.addTargetGroup(arn, "ip");
  const group = await open({ targetGroup: { arn } });
  await group.register([a], never);
  assert.equal(await group.servesWithout([a], never), false);
  await group.register([b], never);
  assert.equal(await group.servesWithout([a], never), true);
  assert.equal(await group.servesWithout([a, b], never), false);
  registrations.setHealthy("10.0.0.1 8081", false);
  assert.equal(await group.servesWithout([a], never), false);
});

test("a machine that has been terminated is absent, and deregistered without a fault", async (t) => {
  const { aws, open } = await scene(t);
  aws.addTargetGroup(arn, "instance");
  const group = await open({ targetGroup: { arn, id: "instance", instanceId: "i-0000dead" } });
  await group.deregister([a], never);
  assert.match((await statesOf(group, [a], never))["web/a"] ?? "", /^absent \(.*InvalidTarget/);
});

test("spellings of an IPv6 address are one target", async (t) => {
  const { aws, open } = await scene(t);
  aws.addTargetGroup(arn, "ip");
  const group = await open({ targetGroup: { arn, availabilityZone: "all" } });
  const [short, long] = [wanted("web/a", "fd00::1"), wanted("web/b", "FD00:0:0:0:0:0:0:1")];
  await group.register([short, long], never);
  assert.deepEqual(await statesOf(group, [short, long], never), {
    "web/a": "serving",
    "web/b": "serving",
  });
});
