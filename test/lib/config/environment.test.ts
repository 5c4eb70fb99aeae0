// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the tests are about references to variables
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../../lib/config/load.ts";
import { planFrom, problemsOf } from "./problems-of.ts";

const base = `
presence:
  services:
    - { name: web, host: 10.0.0.1, port: 80, labels: { zone: a }, checks: [{ type: http }] }
`;

const serviceWith = (text: string, env = {}) =>
  planFrom(`presence: { services: [{ host: 10.0.0.1, ${text} }] }`, env).presence?.services[0];

test("${NAME} in a value is replaced by the variable, as a number where the schema expects one", () => {
  const env = { NAME: "web", PORT: "8810", ZONE: "1" };
  const service = serviceWith(
    'name: "my-${NAME}", port: "${PORT}", labels: { zone: "${ZONE}" }',
    env,
  );
  assert.equal(service?.name, "my-web");
  assert.equal(service?.port, 8810);
  assert.deepEqual(service?.labels, { zone: "1" });
});

test("a default replaces a variable that is unset or empty, and $$ is a dollar sign", () => {
  const check =
    'checks: [{ type: exec, command: ["${A:-a b}", "${B:-}", "$$HOME", "$1", "$${A}"] }]';
  const service = serviceWith(`name: web, port: 80, ${check}`, { A: "" });
  const [exec] = service?.checks ?? [];
  assert.deepEqual(exec?.type === "exec" && exec.command, ["a b", "", "$HOME", "$1", "${A}"]);
});

test("a variable never changes the structure", () => {
  const env = { X: "web, port: 1 }\n- { name: evil" };
  const [problem] = problemsOf(
    'presence: { services: [{ name: "${X}", host: a, port: 80 }] }',
    env,
  );
  assert.match(problem ?? "", /name is "\$\{X\}": expected letters/);
});

test("an unset variable is a problem with a position", () => {
  assert.deepEqual(problemsOf('presence: { services: [{ name: web, host: a, port: "${NO}" }] }'), [
    "sidekick.yaml:1:52: the environment variable NO is not set: set it, or write ${NO:-default}",
  ]);
});

test("a malformed reference is a problem", () => {
  for (const written of ["${1}", "${}", "${A-b}", "${A"]) {
    assert.deepEqual(problemsOf(`${base}  prefix: "${written}"`), [
      `sidekick.yaml:5:11: expected \${NAME} or \${NAME:-default}, not ${written}: write $$ for a dollar sign`,
    ]);
  }
});

test("SIDEKICK_ variables set any value, present in the file or not", () => {
  const plan = planFrom(base, {
    SIDEKICK_KEYSPACE: "file:elsewhere",
    SIDEKICK_LOG: "debug",
    SIDEKICK_PRESENCE_TTL: "20s",
    SIDEKICK_PRESENCE_SERVICES_0_PORT: "81",
    SIDEKICK_PRESENCE_SERVICES_0_LABELS_ZONE: "b",
    SIDEKICK_PRESENCE_SERVICES_0_CHECKS_0_EXPECT_0: "204",
    SIDEKICK_PRESENCE_SERVICES_0_CHECKS_0_TLS_INSECURE: "true",
    SIDEKICK_WATCH_SETTLE_AT_MOST: "5s",
    SIDEKICK_WATCH_TEMPLATES_0_SOURCE: "a.hbs",
    SIDEKICK_WATCH_TEMPLATES_0_TARGET: "out",
    PATH: "/bin",
  });
  const service = plan.presence?.services[0];
  const [check] = service?.checks ?? [];
  assert.equal(plan.keyspace.url, "file:/etc/sidekick/elsewhere");
  assert.equal(plan.log, "debug");
  assert.equal(plan.presence?.ttlMs, 20_000);
  assert.equal(service?.port, 81);
  assert.deepEqual(service?.labels, { zone: "b" });
  assert.ok(check?.type === "http" && typeof check.tls === "object");
  assert.equal(check.tls.insecure, true);
  assert.deepEqual(check.expect, [204]);
  assert.equal(plan.watch?.settle.atMostMs, 5000);
  assert.equal(plan.watch?.templates[0]?.source, "/etc/sidekick/a.hbs");
});

test("SIDEKICK_ variables set the keys of a keyspace that is an object", () => {
  const text = `${base}keyspace: { url: "etcd://a", user: u }`;
  const plan = planFrom(text, { SIDEKICK_KEYSPACE_PASSWORD: "p" });
  assert.equal(plan.keyspace.access.password, "p");
});

test("a SIDEKICK_ variable that names no setting is a warning that names the nearest one", () => {
  const env = {
    SIDEKICK_PRESENCE_TLL: "1s",
    SIDEKICK_PRESENCE_SERVICES_7_PORT: "1",
    SIDEKICK_QQQQQQQQQ: "",
  };
  const warnings: string[] = [];
  const onWarning = (sentence: string) => warnings.push(sentence);
  const plan = parseConfig(base, "sidekick.yaml", "yaml", { env, hostName: "h", onWarning });
  assert.ok(plan.presence);
  assert.deepEqual(warnings, [
    "SIDEKICK_PRESENCE_SERVICES_7_PORT: no setting has this name: did you mean SIDEKICK_PRESENCE_SERVICES_0_PORT?",
    "SIDEKICK_PRESENCE_TLL: no setting has this name: did you mean SIDEKICK_PRESENCE_TTL?",
    "SIDEKICK_QQQQQQQQQ: no setting has this name",
  ]);
});

test("an invalid value of a variable is a problem that names the variable", () => {
  assert.deepEqual(problemsOf(base, { SIDEKICK_PRESENCE_TTL: "ten" }), [
    'SIDEKICK_PRESENCE_TTL: presence.ttl is "ten": expected a duration such as 250ms, 10s or 2m',
  ]);
});

test("variables of a Kubernetes Service and ignored ones are not settings", () => {
  const env = {
    SIDEKICK_PORT: "8080",
    SIDEKICK_ZONE: "a",
    SIDEKICK_SERVICE_HOST: "10.96.0.1",
    SIDEKICK_SERVICE_PORT_HTTP: "80",
    SIDEKICK_PORT_80_TCP: "tcp://10.96.0.1:80",
    SIDEKICK_PORT_80_TCP_ADDR: "10.96.0.1",
  };
  const environment = { env, hostName: "web-1", ignore: ["SIDEKICK_ZONE"] };
  assert.ok(parseConfig(base, "a.yaml", "yaml", environment).presence);
});
