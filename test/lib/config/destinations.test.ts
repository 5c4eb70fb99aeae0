import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { examineConfig, loadConfig } from "../../../lib/config/load.ts";
import { planFrom, problemsOf } from "./problems-of.ts";

const services = "services: [{ name: web, host: 10.0.0.1, port: 80 }]";
const elb = "elb: { name: front, region: us-west-2 }";

test("with destinations and without a watcher no keyspace is needed", () => {
  const { keyspace, presence } = planFrom(
    `presence: { ${services}, destinations: [{ ${elb}, services: [web] }] }`,
  );
  assert.equal(keyspace.url, "none:");
  const [first] = presence?.destinations ?? [];
  assert.deepEqual([first?.elb?.name, first?.services], ["front", ["web"]]);
  const watch = "watch: { templates: [{ source: a, target: b }] }";
  const both = planFrom(`presence: { ${services}, destinations: [{ ${elb} }] }\n${watch}`);
  assert.equal(both.keyspace.url, "file:/etc/sidekick/keyspace");
  const none = planFrom(`presence: { ${services}, destinations: [] }`);
  assert.equal(none.keyspace.url, "file:/etc/sidekick/keyspace");
  assert.ok(none.presence && !("destinations" in none.presence));
});

const bad: readonly [text: string, problem: RegExp][] = [
  [
    `presence: { ${services}, destinations: [{ ${elb}, services: [web, wbe] }] }`,
    /destinations\[0\]\.services\[1\] is wbe, which is not the name of a service/,
  ],
  [
    `presence: { ${services}, destinations: [{ ${elb} }, { ${elb}, services: [web] }] }`,
    /destinations\[1\] is the same destination as the one at .*:1:\d+: list its services in one$/,
  ],
  [
    `presence: { ${services}, destinations: [{ ${elb}, targetGroup: {} }] }`,
    /destinations\[0\].*(expected one of|arn)/,
  ],
  [
    `keyspace: "none:"\npresence: { ${services} }`,
    /the keyspace is none: expected presence\.destinations$/,
  ],
  [
    `keyspace: "none:"\npresence: { ${services}, destinations: [{ ${elb} }] }\nwatch: { templates: [{ source: a, target: b }] }`,
    /the keyspace is none: a watcher needs one$/,
  ],
];

for (const [text, expected] of bad) {
  test(`explains ${text}`, () => {
    const problems = problemsOf(text);
    assert.ok(problems.length > 0, "it is valid");
    assert.match(problems[0] ?? "", expected);
  });
}

test("services of containers are not known in advance", () => {
  const text = `presence: { docker: {}, destinations: [{ ${elb}, services: [any] }] }`;
  assert.deepEqual(problemsOf(text), []);
});

test("the same load balancer in two regions is two destinations", () => {
  const other = "elb: { name: front, region: eu-west-1 }";
  const text = `presence: { ${services}, destinations: [{ ${elb} }, { ${other} }] }`;
  assert.deepEqual(problemsOf(text), []);
});

const world = (env: Readonly<Record<string, string>>) => ({ env, hostName: "web-1" });

test("without a file, ELB_NAME is a configuration: this machine is registered", async () => {
  const { keyspace, presence } = await loadConfig([], world({ ELB_NAME: "front" }));
  assert.equal(keyspace.url, "none:");
  assert.equal(presence?.destinations?.[0]?.elb?.name, "front");
  const [machine, ...others] = presence?.services ?? [];
  assert.deepEqual(
    [machine?.name, machine?.id, machine?.checks, others.length],
    [...["machine", "local", [], 0]],
  );
  const env = { ELB_NAME: "front", SIDEKICK_PRESENCE_SHUTDOWN_TIMEOUT: "1m" };
  assert.equal((await loadConfig([], world(env))).presence?.shutdownTimeoutMs, 60_000);
  const { problems } = await examineConfig([], world({ ELB_NAME: "front end" }));
  assert.match(problems[0]?.message ?? "", /name is "front end": expected the name of a load/);
});

test("ELB_CHECK_URL is its check", async () => {
  const checkOf = async (url: string) => {
    const plan = await loadConfig([], world({ ELB_NAME: "front", ELB_CHECK_URL: url }));
    const [machine] = plan.presence?.services ?? [];
    const [check] = machine?.checks ?? [];
    const path = check?.type === "http" ? check.path : undefined;
    return [machine?.host, machine?.port, check?.type, path];
  };
  assert.deepEqual(await checkOf("http://10.0.0.1/health?a=b"), [
    ...["10.0.0.1", 80, "http", "/health?a=b"],
  ]);
  assert.deepEqual(await checkOf("tcp://[::1]:8080"), ["::1", 8080, "tcp", undefined]);
  for (const url of ["ftp://h:21", "tcp://h", "8080", "https://h"]) {
    await assert.rejects(
      checkOf(url),
      (error) => error instanceof Fault && error.message.includes("ELB_CHECK_URL"),
      url,
    );
  }
});

test("without a file and without ELB_NAME there is no configuration", async () => {
  await assert.rejects(loadConfig([], world({})));
});
