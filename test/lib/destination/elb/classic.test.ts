import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../../lib/base/signal.ts";
import { scene, statesOf, wanted } from "./scene.ts";

const name = "bcwaldon-fleet-lb";
const [a, b] = [wanted("web/a"), wanted("admin/b", "10.0.0.1", 9090)];

test("a machine is registered, serves, drains and is absent", async (t) => {
  const { aws, open, advance } = await scene(t, { initialMs: 30_000, drainMs: 300_000 });
  aws.addLoadBalancer(name);
  const elb = await open({ elb: { name } });
  assert.equal(elb.name, "elb/bcwaldon-fleet-lb");
  const states = () => statesOf(elb, [a, b], never);
  const both = (state: string) => ({ "web/a": state, "admin/b": state });

  const none = "absent (Instance: Instance is not currently registered with the LoadBalancer.)";
  assert.deepEqual(await states(), both(none));
  await elb.register([a, b], never);
  await elb.register([a], never);
  const initial = "registering (ELB: Instance registration is still in progress.)";
  assert.deepEqual(await states(), both(initial));
  await advance(30_000);
  assert.deepEqual(await states(), both("serving"));
  await elb.deregister([a, b], never);
  await elb.deregister([a], never);
  const draining = "draining (Instance deregistration currently in progress.)";
  assert.deepEqual(await states(), both(draining));
  await advance(300_000);
  assert.deepEqual(await states(), both(none));

  const registrations = aws.requests.filter(({ action }) => /^Register/.test(action));
  assert.equal(registrations.length, 2);
  assert.match(registrations[0]?.body ?? "", /^[^,]*Instances\.member\.1\.InstanceId=i-315b7e51$/);
  assert.equal(elb.registrationOf(a.instance), elb.registrationOf(b.instance));
  assert.ok(elb.describe().includes("region us-west-2 (AWS_REGION)"), String(elb.describe()));
});

test("the region and the id of the machine are those of the metadata service, and asked for once", async (t) => {
  const { aws, open } = await scene(t);
  const registrations = aws.addLoadBalancer(name);
  const elb = await open({ elb: { name } }, {});
  await elb.register([a], never);
  await elb.observe([a], never);
  assert.deepEqual(registrations.keys(), ["i-315b7e51"]);
  assert.deepEqual(aws.localRequests, [
    "PUT /latest/api/token",
    "GET /latest/meta-data/instance-id",
    "GET /latest/meta-data/placement/region",
    "GET /latest/meta-data/iam/security-credentials/",
    "GET /latest/meta-data/iam/security-credentials/web",
  ]);
  assert.deepEqual(elb.describe(), [
    "region us-west-2 (metadata service)",
    "credentials: the instance role web",
  ]);
});

test("the load balancer serves without this machine only if another one is healthy", async (t) => {
  const { aws, open } = await scene(t);
  const registrations = aws.addLoadBalancer(name);
  const elb = await open({ elb: { name } });
  await elb.register([a], never);
  assert.equal(await elb.servesWithout([a], never), false);
  aws.machines.add("i-00000002");
  registrations.register("i-00000002");
  registrations.setHealthy("i-00000002", false);
  assert.equal(await elb.servesWithout([a], never), false);
  registrations.setHealthy("i-00000002", true);
  assert.equal(await elb.servesWithout([a], never), true);
});

test("an unhealthy machine fails with the reason of the load balancer", async (t) => {
  const { aws, open } = await scene(t);
  const registrations = aws.addLoadBalancer(name);
  const elb = await open({ elb: { name } });
  await elb.register([a], never);
  registrations.setHealthy("i-315b7e51", false);
  const { "web/a": state = "" } = await statesOf(elb, [a], never);
  assert.match(state, /^failing \(Instance: Instance has failed at least the UnhealthyThreshold/);
});

test("a machine that has been terminated is absent, and deregistered without a fault", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  const elb = await open({ elb: { name, instanceId: "i-0000dead" } });
  assert.deepEqual(await statesOf(elb, [a], never), { "web/a": "absent" });
  await elb.deregister([a], never);
  await assert.rejects(elb.register([a], never), {
    code: "DESTINATION_INSTANCE_REJECTED",
    message:
      "elb/bcwaldon-fleet-lb rejects i-0000dead: InvalidInstance: Could not find EC2 instance i-0000dead.; it has to run, in the account and in the region of the load balancer",
  });
});

test("nothing is sent for no instances", async (t) => {
  const { aws, open } = await scene(t);
  const elb = await open({ elb: { name } });
  await elb.register([], never);
  await elb.deregister([], never);
  assert.equal((await elb.observe([], never)).size, 0);
  assert.deepEqual([...aws.requests, ...aws.localRequests], []);
});
