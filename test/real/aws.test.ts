/** The stand-in for AWS from the other side: botocore, which is AWS's own client, and a real proxy. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { never } from "../../lib/base/signal.ts";
import { arn, scene, statesOf, wanted, withKey } from "../lib/destination/elb/scene.ts";
import { type Aws, type AwsRequest, startAws, userKey } from "../stand-in/aws.ts";
import { outputOf, throwAwayFolder } from "../support/process.ts";
import { makeCertificates } from "./certificates.ts";
import { startTinyproxy } from "./tinyproxy.ts";

/** A call of botocore, or one of its waiters. */
interface Step {
  readonly client: "elb" | "elbv2";
  readonly call?: string;
  readonly waiter?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const keys = { AWS_ACCESS_KEY_ID: userKey.id, AWS_SECRET_ACCESS_KEY: userKey.secret };

async function botocore(
  { url }: Aws,
  steps: readonly Step[],
  env: Readonly<Record<string, string>> = keys,
): Promise<readonly unknown[]> {
  const script = `${import.meta.dirname}/botocore-calls.py`;
  const argv = ["/usr/bin/python3", script, url, JSON.stringify(steps)];
  const isolated = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
  const proxies = { NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" };
  return JSON.parse(await outputOf(argv, { env: { ...isolated, ...proxies, ...env } }));
}

const call = (client: Step["client"], call: string, parameters: Step["parameters"]): Step => ({
  ...{ client, call, parameters },
});
const wait = (client: Step["client"], waiter: string, parameters: Step["parameters"]): Step => ({
  ...{ client, waiter, parameters },
});

const LoadBalancerName = "bcwaldon-fleet-lb";
const one = { LoadBalancerName, Instances: [{ InstanceId: "i-315b7e51" }] };
const target = { TargetGroupArn: arn, Targets: [{ Id: "10.0.0.1", Port: 8080 }] };

test("botocore's calls, errors and waiters work with the stand-in as with AWS", async (t) => {
  // Time passes with the requests: a second for each, whatever the speed of this machine.
  const startMs = Date.now();
  let requests = (): number => 0;
  const nowMs = () => startMs + requests() * 1000;
  const aws = await startAws(t, { nowMs, initialMs: 3000, drainMs: 3000 });
  requests = () => aws.requests.length;
  aws.addLoadBalancer(LoadBalancerName);
  aws.addTargetGroup(arn, "ip");

  aws.throttle(1);
  const results = await botocore(aws, [
    call("elb", "describe_instance_health", { LoadBalancerName }),
    call("elb", "register_instances_with_load_balancer", one),
    call("elb", "describe_instance_health", one),
    wait("elb", "instance_in_service", one),
    wait("elb", "any_instance_in_service", { LoadBalancerName }),
    call("elb", "describe_instance_health", { LoadBalancerName }),
    call("elb", "deregister_instances_from_load_balancer", one),
    wait("elb", "instance_deregistered", one),
    call("elb", "describe_instance_health", { LoadBalancerName: "x" }),
    call("elb", "describe_instance_health", {
      LoadBalancerName,
      Instances: [{ InstanceId: "i-0" }],
    }),
    call("elbv2", "register_targets", target),
    call("elbv2", "describe_target_health", target),
    wait("elbv2", "target_in_service", target),
    call("elbv2", "describe_target_health", { TargetGroupArn: arn }),
    call("elbv2", "deregister_targets", target),
    call("elbv2", "describe_target_health", target),
    wait("elbv2", "target_deregistered", target),
    call("elbv2", "register_targets", { TargetGroupArn: arn, Targets: [{ Id: "192.168.0.1" }] }),
    call("elbv2", "describe_target_health", { TargetGroupArn: "arn:x" }),
  ]);

  const [throttled, registered, initial, inService, , healthy, , gone, ...rest] = results;
  assert.deepEqual(throttled, ["ClientError", "Throttling", "Rate exceeded"]);
  assert.deepEqual(registered, { Instances: one.Instances });
  const state = (State: string, ReasonCode: string, Description: string) => ({
    InstanceStates: [{ InstanceId: "i-315b7e51", State, ReasonCode, Description }],
  });
  const progress = "Instance registration is still in progress.";
  assert.deepEqual(initial, state("OutOfService", "ELB", progress));
  assert.deepEqual([inService, gone], ["done", "done"]);
  assert.deepEqual(healthy, state("InService", "N/A", "N/A"));
  assert.deepEqual(rest.slice(0, 2), [
    [
      "AccessPointNotFoundException",
      "LoadBalancerNotFound",
      "There is no ACTIVE Load Balancer named 'x'",
    ],
    ["InvalidEndPointException", "InvalidInstance", "Could not find EC2 instance i-0."],
  ]);

  const [, , served, described, , leaving, unused, wrong, missing] = rest.slice(2);
  assert.deepEqual([served, unused], ["done", "done"]);
  const health = (TargetHealth: object) => ({
    TargetHealthDescriptions: [
      { Target: target.Targets[0], HealthCheckPort: "8080", TargetHealth },
    ],
  });
  assert.deepEqual(described, health({ State: "healthy" }));
  const Reason = "Target.DeregistrationInProgress";
  const Description = "Target deregistration is in progress";
  assert.deepEqual(leaving, health({ State: "draining", Reason, Description }));
  assert.equal((wrong as readonly string[])[1], "ValidationError");
  assert.equal((missing as readonly string[])[0], "TargetGroupNotFoundException");
});

/** The headers of a request by their names, without those that say which program sends it. */
function headersOf({ rawHeaders }: AwsRequest): Readonly<Record<string, string>> {
  const pairs = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? ""] as const] : [],
  );
  return Object.fromEntries(
    pairs.filter(([name]) => !/^(user-agent|connection|amz-sdk-.*)$/.test(name)),
  );
}

test("our requests equal those of botocore byte for byte", async (t) => {
  const made = await scene(t, { nowMs: Date.now });
  const { aws, open } = made;
  aws.addLoadBalancer(LoadBalancerName);
  aws.addTargetGroup(arn, "ip");
  const { id, secret, token } = aws.keys.issue(3_600_000);
  const env = {
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: token,
  };
  const zoned = { Id: "192.168.0.1", Port: 8080, AvailabilityZone: "all" };
  const other = { ...zoned, Id: "fd00::1", Port: 9090 };
  const targets = { TargetGroupArn: arn, Targets: [zoned, other] };
  await botocore(
    aws,
    [
      call("elb", "register_instances_with_load_balancer", one),
      call("elb", "describe_instance_health", one),
      call("elb", "describe_instance_health", { LoadBalancerName }),
      call("elb", "deregister_instances_from_load_balancer", one),
      call("elbv2", "register_targets", targets),
      call("elbv2", "describe_target_health", targets),
      call("elbv2", "describe_target_health", { TargetGroupArn: arn }),
      call("elbv2", "deregister_targets", targets),
    ],
    env,
  );
  const theirs = aws.requests.splice(0);
  assert.deepEqual([...new Set(theirs.map(({ refusal }) => refusal))], [""]);

  const elb = await open({ elb: { name: LoadBalancerName } }, { ...env, AWS_REGION: "us-west-2" });
  const group = await open({ targetGroup: { arn, availabilityZone: "all" } }, env);
  const all = [wanted("web/a", "192.168.0.1", 8080), wanted("web/b", "fd00::1", 9090)];
  const calls = [
    () => elb.register(all, never),
    () => elb.observe(all, never),
    () => elb.servesWithout(all, never),
    () => elb.deregister(all, never),
    () => group.register(all, never),
    () => group.observe(all, never),
    () => group.servesWithout(all, never),
    () => group.deregister(all, never),
  ];
  assert.equal(theirs.length, calls.length);
  for (const [i, make] of calls.entries()) {
    const expected = theirs[i];
    assert.ok(expected);
    const { "x-amz-date": date = "" } = headersOf(expected);
    const iso = date.replace(/^(.{4})(..)(.{5})(..)(..Z)$/, "$1-$2-$3:$4:$5");
    made.aheadMs = 0;
    made.aheadMs = Date.parse(iso) - made.wallMs();
    await make();
    const [ours] = aws.requests.splice(0);
    assert.ok(ours);
    assert.equal(ours.body, expected.body);
    assert.deepEqual(headersOf(ours), headersOf(expected));
  }
});

test("the states and reasons of the stand-in are those of AWS's own description", async () => {
  const folder = "/usr/lib/python3/dist-packages/botocore/data";
  const model = async (path: string) => JSON.parse(await readFile(`${folder}/${path}`, "utf8"));
  const { shapes } = await model("elbv2/2015-12-01/service-2.json");
  const classic = await model("elb/2012-06-01/service-2.json");
  const sources = ["aws-groups.ts", "aws-classic.ts"].map((file) =>
    readFile(`${import.meta.dirname}/../stand-in/${file}`, "utf8"),
  );
  const [groups = "", classics = ""] = await Promise.all(sources);
  const reasons = [...groups.matchAll(/"((?:Elb|Target)\.\w+)"/g)].map(([, reason]) => reason);
  assert.ok(reasons.length > 3);
  for (const reason of reasons) assert.ok(shapes.TargetHealthReasonEnum.enum.includes(reason));
  const { documentation } = classic.shapes.InstanceState.members.Description;
  const sentences = [...classics.matchAll(/"(Instance [^"]+\.)"/g)].map(([, text = ""]) => text);
  assert.ok(sentences.length > 3);
  for (const text of sentences) assert.ok(documentation.includes(text), text);
});

test("a real proxy tunnels to AWS, with TLS inside, and is not used for metadata", async (t) => {
  const folder = await throwAwayFolder(t);
  const { server } = await makeCertificates(folder, ["127.0.0.1"]);
  const tls = {
    key: await readFile(server.key, "utf8"),
    cert: await readFile(server.cert, "utf8"),
  };
  const { aws, open } = await scene(t, { tls });
  const registrations = aws.addLoadBalancer(LoadBalancerName);
  const { port: awsPort } = new URL(aws.url);
  const proxy = await startTinyproxy(t, Number(awsPort));
  const env = { PROXY_HOST: "127.0.0.1", PROXY_PORT: String(proxy.port) };
  const [a, elb] = [
    wanted("web/a"),
    await open({ elb: { name: LoadBalancerName, ca: server.ca } }, env),
  ];
  await elb.register([a], never);
  assert.deepEqual(await statesOf(elb, [a], never), { "web/a": "serving" });
  assert.deepEqual(registrations.keys(), ["i-315b7e51"]);
  const connects = new Set(await proxy.requests());
  assert.deepEqual([...connects], [`CONNECT 127.0.0.1:${awsPort} HTTP/1.1`]);
  assert.ok(aws.localRequests.length > 0);

  const untrusted = await open({ elb: { name: LoadBalancerName } }, { ...withKey, ...env });
  await assert.rejects(untrusted.register([a], never), {
    code: "DESTINATION_UNREACHABLE",
    message: /through proxy http:\/\/127\.0\.0\.1:\d+ \(PROXY_HOST\): .*certificate/,
  });
  const endpoint = "https://127.0.0.1:1";
  const refused = await open({ elb: { name: LoadBalancerName, endpoint } }, { ...withKey, ...env });
  await assert.rejects(refused.register([a], never), {
    code: "DESTINATION_UNREACHABLE",
    message: /through proxy .*403/,
  });
  const variable = { ...withKey, AWS_CA_BUNDLE: server.ca, HTTPS_PROXY: `127.0.0.1:${proxy.port}` };
  const other = await open({ elb: { name: LoadBalancerName } }, variable);
  await other.deregister([a], never);
  assert.deepEqual(registrations.keys(), []);
});
