import assert from "node:assert/strict";
import { test } from "node:test";
import { classicState, targetState } from "../../../../lib/destination/elb/states.ts";
import { type Element, readXml } from "../../../../lib/destination/elb/xml.ts";

function parsed(xml: string): Element {
  const root = readXml(xml);
  assert.ok(typeof root !== "string", String(root));
  return root;
}

/** State, description and what they stand for. */
const classic: readonly (readonly [string, string, string])[] = [
  ["InService", "N/A", "serving"],
  ["InService", "Instance deregistration currently in progress.", "draining"],
  ["OutOfService", "Instance registration is still in progress.", "registering"],
  [
    "OutOfService",
    "Instance has not passed the configured HealthyThreshold number of health checks consecutively.",
    "registering",
  ],
  ["OutOfService", "Instance is in pending state.", "registering"],
  ["OutOfService", "Instance is not currently registered with the LoadBalancer.", "absent"],
  ["OutOfService", "Instance is in stopped state.", "failing"],
  [
    "OutOfService",
    "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.",
    "failing",
  ],
  ["Unknown", "A transient error occurred. Please try again later.", "failing"],
];

for (const [state, description, expected] of classic) {
  test(`a machine that is ${state}, ${description}: ${expected}`, () => {
    const xml = `<member><State>${state}</State><ReasonCode>N/A</ReasonCode><Description>${description}</Description></member>`;
    const observed = classicState(parsed(xml));
    assert.deepEqual(observed, { state: expected, why: description === "N/A" ? "" : description });
  });
}

/** State, reason and what they stand for. */
const targets: readonly (readonly [string, string, string])[] = [
  ["initial", "Elb.RegistrationInProgress", "registering"],
  ["initial", "Elb.InitialHealthChecking", "registering"],
  ["healthy", "", "serving"],
  ["unhealthy", "Target.ResponseCodeMismatch", "failing"],
  ["unhealthy", "Target.Timeout", "failing"],
  ["draining", "Target.DeregistrationInProgress", "draining"],
  ["unhealthy.draining", "Target.FailedHealthChecks", "draining"],
  ["unused", "Target.NotRegistered", "absent"],
  ["unused", "Target.NotInUse", "failing"],
  ["unused", "Target.InvalidState", "failing"],
  ["unused", "Target.IpUnusable", "failing"],
  ["unavailable", "Target.HealthCheckDisabled", "serving"],
  ["unavailable", "Elb.InternalError", "failing"],
  ["of a later version", "", "failing"],
];

for (const [state, reason, expected] of targets) {
  test(`a target that is ${state}, ${reason || "without a reason"}: ${expected}`, () => {
    const xml = `<member><TargetHealth><State>${state}</State><Reason>${reason}</Reason></TargetHealth></member>`;
    assert.deepEqual(targetState(parsed(xml)), { state: expected, why: reason });
  });
}
