import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { never } from "../../../../lib/base/signal.ts";
import { userKey } from "../../../stand-in/aws.ts";
import { listen } from "../../../support/listen.ts";
import { arn, scene, wanted, withKey } from "./scene.ts";

const name = "lb";
const a = wanted("web/a");
const minute = 60_000;

test("a limit that is exceeded is a fault of its own, and other calls are not made", async (t) => {
  const { aws, open, results } = await scene(t);
  aws.addLoadBalancer(name);
  const elb = await open({ elb: { name } });
  aws.throttle(1);
  await assert.rejects(elb.register([a], never), {
    code: "DESTINATION_THROTTLED",
    retry: true,
    message:
      "elb/lb is throttled: cannot RegisterInstancesWithLoadBalancer now (Throttling: Rate exceeded); the limit counts the requests of all clients of the account in the region",
  });
  await elb.register([a], never);
  assert.deepEqual(results, ["throttled", "ok"]);
});

test("the stand-in refuses more than 40 requests at once, and 10 per second then; either generation by itself", async (t) => {
  const { aws, open, advance, results } = await scene(t);
  aws.addLoadBalancer(name);
  aws.addTargetGroup(arn, "ip");
  const [elb, group] = [await open({ elb: { name } }), await open({ targetGroup: { arn } })];
  for (let i = 0; i < 40; i += 1) await elb.observe([a], never);
  await assert.rejects(elb.observe([a], never), { code: "DESTINATION_THROTTLED" });
  await elb.register([a], never);
  await group.observe([a], never);
  await advance(100);
  await elb.observe([a], never);
  await assert.rejects(elb.observe([a], never), { code: "DESTINATION_THROTTLED" });
  assert.equal(results.filter((result) => result === "throttled").length, 2);
});

test("a load balancer and a target group that do not exist are named with what to do", async (t) => {
  const { open } = await scene(t);
  const elb = await open({ elb: { name } });
  await assert.rejects(elb.register([a], never), {
    code: "DESTINATION_NOT_FOUND",
    message:
      "elb/lb does not exist (LoadBalancerNotFound: There is no ACTIVE Load Balancer named 'lb'): create it in us-west-2, or correct its name, the region, or the account of the credentials (the environment (AWS_ACCESS_KEY_ID))",
  });
  const group = await open({ targetGroup: { arn } });
  await assert.rejects(group.observe([a], never), {
    code: "DESTINATION_NOT_FOUND",
    message: /^targetGroup\/my-targets does not exist \(TargetGroupNotFound/,
  });
});

test("a permission that is missing is named as in a policy", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  aws.denied.add("DescribeInstanceHealth");
  const elb = await open({ elb: { name } });
  await elb.register([a], never);
  await assert.rejects(elb.observe([a], never), {
    code: "DESTINATION_ACCESS_DENIED",
    message:
      /: allow elasticloadbalancing:DescribeInstanceHealth for the environment \(AWS_ACCESS_KEY_ID\)$/,
  });
});

test("a wrong secret and an unknown key are faults, which do not contain them", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  aws.keys.add({ id: "ASIA1", secret: "right", token: "session/token" });
  const secret = "wrong/secret";
  const wrong = { ...withKey, AWS_ACCESS_KEY_ID: "ASIA1", AWS_SECRET_ACCESS_KEY: secret };
  const elb = await open({ elb: { name } }, { ...wrong, AWS_SESSION_TOKEN: "session/token" });
  await assert.rejects(elb.register([a], never), (error: Error) => {
    assert.match(error.message, /SignatureDoesNotMatch: .*the secret does not belong/);
    assert.doesNotMatch(error.message, /wrong\/secret|session\/token/);
    return true;
  });
  const unknown = await open({ elb: { name } }, { ...withKey, AWS_ACCESS_KEY_ID: "AKIAUNKNOWN" });
  await assert.rejects(unknown.register([a], never), {
    code: "DESTINATION_ACCESS_DENIED",
    message: /InvalidClientTokenId: .*the access key is not valid: check the environment/,
  });
  assert.equal(aws.requests.length, 2);
});

for (const [aheadMs, shown] of [
  [-60 * minute, "clock of this machine 1h behind"],
  [7 * 24 * 60 * minute, "clock of this machine 7d ahead"],
] as const) {
  test(`the ${shown}: the time of requests is corrected once, for all further ones as well`, async (t) => {
    const made = await scene(t);
    const { aws, open } = made;
    aws.addLoadBalancer(name);
    made.aheadMs = aheadMs;
    const elb = await open({ elb: { name } });
    await elb.register([a], never);
    await elb.observe([a], never);
    const refusals = aws.requests.map(({ refusal }) => refusal);
    assert.deepEqual(refusals, ["SignatureDoesNotMatch", "", ""]);
    assert.equal(elb.describe().at(-1), shown);
  });
}

test("a time that stays wrong is a fault after one correction", async (t) => {
  const { aws, open } = await scene(t);
  const refusal =
    "<ErrorResponse><Error><Code>RequestExpired</Code><Message>x</Message></Error></ErrorResponse>";
  aws.answerNext(400, refusal);
  const elb = await open({ elb: { name } });
  await assert.rejects(elb.register([a], never), { code: "DESTINATION_ACCESS_DENIED" });
  assert.equal(aws.requests.length, 1);
});

const unreadable: readonly (readonly [number, string, RegExp])[] = [
  [200, "<html><body>Sign in</body></html>", /status 200, its root is <html>; check endpoint/],
  [403, "<!DOCTYPE html><p>Denied", /status 403, not XML as AWS sends it at character 1/],
  [200, "<RegisterInstancesWithLoadBalancerResponse>", /without its end/],
  [503, "Service Unavailable", /status 503/],
  [200, "", /status 200, expected one element/],
];

for (const [status, body, message] of unreadable) {
  test(`a response that AWS does not send is a fault: ${status} ${body.slice(0, 30)}`, async (t) => {
    const { aws, open, results } = await scene(t);
    const elb = await open({ elb: { name } });
    aws.answerNext(status, body);
    await assert.rejects(elb.register([a], never), { code: "DESTINATION_UNREADABLE", message });
    assert.deepEqual(results, ["unreachable"]);
  });
}

test("a response without an end is a fault, and does not fill the memory", async (t) => {
  const server = createServer((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(" ".repeat(65_536)));
      response.once("drain", more);
    };
    more();
  });
  const port = await listen(t, server);
  const { open } = await scene(t);
  const elb = await open({ elb: { name, endpoint: `http://127.0.0.1:${port}` } });
  await assert.rejects(elb.register([a], never), {
    code: "DESTINATION_UNREADABLE",
    message: /max(imum)? size/i,
  });
});

test("an error of the server itself, and an unknown error", async (t) => {
  const { aws, open } = await scene(t);
  const elb = await open({ elb: { name } });
  const body = (code: string) =>
    `<ErrorResponse><Error><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`;
  aws.answerNext(500, body("InternalFailure"));
  await assert.rejects(elb.observe([a], never), {
    code: "DESTINATION_FAILED",
    message: "elb/lb failed to DescribeInstanceHealth: InternalFailure: m",
  });
  aws.answerNext(400, body("InvalidAction"));
  await assert.rejects(elb.observe([a], never), {
    code: "DESTINATION_REFUSED",
    message: "elb/lb refused to DescribeInstanceHealth: InvalidAction: m",
  });
});

test("an endpoint without a server is unreachable, and one that does not answer times out", async (t) => {
  const { open, clock } = await scene(t);
  const closed = await open({ elb: { name, endpoint: "http://127.0.0.1:1" } });
  await assert.rejects(closed.register([a], never), {
    code: "DESTINATION_UNREACHABLE",
    message: /^elb\/lb is unreachable at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
  });
  const asked = Promise.withResolvers<void>();
  const port = await listen(
    t,
    createServer(() => asked.resolve()),
  );
  const silent = await open({ elb: { name, endpoint: `http://127.0.0.1:${port}` } });
  const registered = assert.rejects(silent.register([a], never), {
    code: "DESTINATION_TIMEOUT",
    message: `elb/lb did not RegisterInstancesWithLoadBalancer within 10s (http://127.0.0.1:${port})`,
  });
  await asked.promise;
  await clock.advance(10_000);
  await registered;
});

test("a call ends with the reason of its signal, and counts as none", async (t) => {
  const asked = Promise.withResolvers<void>();
  const port = await listen(
    t,
    createServer(() => asked.resolve()),
  );
  const { open, results } = await scene(t);
  const elb = await open({ elb: { name, endpoint: `http://127.0.0.1:${port}` } });
  const [stop, reason] = [new AbortController(), new Error("stop")];
  const registered = assert.rejects(elb.register([a], stop.signal), reason);
  await asked.promise;
  stop.abort(reason);
  await registered;
  assert.deepEqual(results, []);
});

test("no description has a secret", async (t) => {
  const { aws, open } = await scene(t);
  aws.addLoadBalancer(name);
  const proxied = { ...withKey, PROXY_HOST: "http://user:password@127.0.0.1", PROXY_PORT: "1" };
  const elb = await open({ elb: { name } }, proxied);
  await assert.rejects(elb.register([a], never), (error: Error) => {
    assert.equal(elb.describe().at(-1), "proxy http://127.0.0.1:1 (PROXY_HOST)");
    assert.doesNotMatch(`${error.message} ${elb.describe()}`, /password/);
    assert.ok(!`${error.message} ${elb.describe()}`.includes(userKey.secret));
    return true;
  });
});
