import assert from "node:assert/strict";
import { test } from "node:test";
import { contentType, type Parameters, queryBody } from "../../../../lib/destination/elb/query.ts";
import { signed } from "../../../../lib/destination/elb/sign.ts";

/** The key of AWS's examples. */
const key = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const arn =
  "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067";
const one = [{ InstanceId: "i-315b7e51" }];
const target = { TargetGroupArn: "arn:x", Targets: [{ Id: "i-1", Port: 80 }] };
const address = [{ Id: "10.0.0.1", Port: 8080, AvailabilityZone: "all" }];

/** Action, version, parameters, the body, and the signature that botocore computes for 2015-08-30 12:36 in us-east-1. */
const vectors: readonly (readonly [string, string, Parameters, string, string])[] = [
  [
    "RegisterInstancesWithLoadBalancer",
    "2012-06-01",
    { LoadBalancerName: "bcwaldon-fleet-lb", Instances: one },
    "LoadBalancerName=bcwaldon-fleet-lb&Instances.member.1.InstanceId=i-315b7e51",
    "5a86dcde6bad07cfb92e84264670e92e830264ea0ef4eac1810311ed25c9274e",
  ],
  [
    "DeregisterInstancesFromLoadBalancer",
    "2012-06-01",
    { LoadBalancerName: "x", Instances: one },
    "LoadBalancerName=x&Instances.member.1.InstanceId=i-315b7e51",
    "bb97139b082196b5824e89c808abb9747c2a6d3beecec7b43629a5fc4a5ebb46",
  ],
  [
    "DescribeInstanceHealth",
    "2012-06-01",
    { LoadBalancerName: "x", Instances: [{ InstanceId: "i-1" }] },
    "LoadBalancerName=x&Instances.member.1.InstanceId=i-1",
    "ec31a42007c9bda15cace82bd14b94aabb233b92aadd698904c3c404d2ccf4be",
  ],
  [
    "RegisterTargets",
    "2015-12-01",
    { TargetGroupArn: arn, Targets: address },
    `TargetGroupArn=${encodeURIComponent(arn)}&Targets.member.1.Id=10.0.0.1&Targets.member.1.Port=8080&Targets.member.1.AvailabilityZone=all`,
    "84bf5b787b5cbfaf3efa6ce6172eaf32c2272a6b48628cf0e3eaffca9cc6476b",
  ],
  [
    "DescribeTargetHealth",
    "2015-12-01",
    target,
    "TargetGroupArn=arn%3Ax&Targets.member.1.Id=i-1&Targets.member.1.Port=80",
    "f0f3be0742181073adaea5c716d62cb0a5abaa3c7dd7e9cf3f031d07b14e9c76",
  ],
  [
    "DeregisterTargets",
    "2015-12-01",
    target,
    "TargetGroupArn=arn%3Ax&Targets.member.1.Id=i-1&Targets.member.1.Port=80",
    "3b8277b0da96206c671caada6ff417abe311e6d7f4a6e6dd1c40dc078e9b598f",
  ],
];

const scope = {
  region: "us-east-1",
  service: "elasticloadbalancing",
  dateMs: Date.UTC(2015, 7, 30, 12, 36),
};
const url = new URL("https://elasticloadbalancing.us-east-1.amazonaws.com/");
const headers = { "content-type": contentType };

for (const [action, version, parameters, rest, signature] of vectors) {
  test(`${action} is encoded and signed as botocore does it`, () => {
    const body = queryBody(action, version, parameters);
    assert.equal(body, `Action=${action}&Version=${version}&${rest}`);
    const sent = signed({ url, headers, body }, key, scope);
    assert.equal(sent["x-amz-date"], "20150830T123600Z");
    assert.equal(
      sent.authorization,
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/elasticloadbalancing/aws4_request, " +
        `SignedHeaders=content-type;host;x-amz-date, Signature=${signature}`,
    );
  });
}

test("a session token is sent and signed", () => {
  const sent = signed({ url, headers, body: "" }, { ...key, sessionToken: "t" }, scope);
  assert.equal(sent["x-amz-security-token"], "t");
  assert.match(sent.authorization ?? "", /SignedHeaders=[^,]*;x-amz-security-token,/);
});

test("values are encoded as RFC 3986 has it", () => {
  const body = queryBody("A", "1", { Name: "a b+c~d!'()*/é=&" });
  assert.equal(body, "Action=A&Version=1&Name=a%20b%2Bc~d%21%27%28%29%2A%2F%C3%A9%3D%26");
});
