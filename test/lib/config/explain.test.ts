// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the tests are about references to variables
import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../../lib/health/kinds.ts";
import { planFrom, problemsOf } from "./problems-of.ts";

const checks = Object.keys(kinds).join(", ");

const service = "{ name: web, host: 10.0.0.1, port: 80 }";

/** A configuration with a check that begins at line 4, column 9. */
const withCheck = (check: string) => `presence:
  services:
    - { name: web, host: 10.0.0.1, port: 80, checks: [
        ${check} ] }`;

const withTemplate = (rest: string) => `watch:
  templates:
    - source: a
      target: b
      ${rest}`;

/** A name, a configuration, and the expected problem. */
const cases: readonly (readonly [string, string, string])[] = [
  [
    "an unknown key, with the nearest known one of this kind of check",
    withCheck("{ type: http, pth: /up }"),
    "sidekick.yaml:4:23: presence.services[0].checks[0].pth is not known here: did you mean path?",
  ],
  [
    "an unknown key that resembles none",
    withTemplate("settle: { zzzzzzzz: 1 }").replace("  templates", "  xyzzyfoo: 1\n  templates"),
    "sidekick.yaml:2:3: watch.xyzzyfoo is not known here: expected one of root, services, sources, settle, retry, limits, guard, policies, trust, resolve, refresh, acknowledge, together, drift, observe, snapshotCache, templates",
  ],
  [
    "an invalid share",
    "watch: { guard: { maxLoss: 0.5 }, templates: [{ source: a, target: b }] }",
    "sidekick.yaml:1:28: watch.guard.maxLoss is 0.5: expected a share such as 50%",
  ],
  [
    "an invalid share of a single service",
    "watch: { guard: { services: { web: { maxLoss: 101% } } }, templates: [{ source: a, target: b }] }",
    'sidekick.yaml:1:47: watch.guard.services.web.maxLoss is "101%": expected a share such as 50%',
  ],
  [
    "an unknown rule of a single service",
    "watch: { guard: { services: { web: { minn: 1 } } }, templates: [{ source: a, target: b }] }",
    "sidekick.yaml:1:38: watch.guard.services.web.minn is not known here: did you mean min?",
  ],
  [
    "a word instead of a duration",
    `presence:\n  services: [${service}]\n  ttl: ten`,
    'sidekick.yaml:3:8: presence.ttl is "ten": expected a duration such as 250ms, 10s or 2m',
  ],
  [
    "a number instead of a duration",
    `presence:\n  services: [${service}]\n  ttl: 10`,
    "sidekick.yaml:3:8: presence.ttl is 10: expected a duration such as 250ms, 10s or 2m",
  ],
  [
    "a duration that is too short",
    `presence:\n  services: [${service}]\n  ttl: 10ms`,
    'sidekick.yaml:3:8: presence.ttl is "10ms": expected a duration of at least 1s',
  ],
  [
    "a string instead of a number",
    'presence: { services: [{ name: web, host: a, port: "80" }] }',
    'sidekick.yaml:1:52: presence.services[0].port is "80": expected an integer',
  ],
  [
    "a string that does not match",
    withCheck("{ type: http, expect: [2x] }"),
    'sidekick.yaml:4:32: presence.services[0].checks[0].expect[0] is "2x": expected a string that matches /^[1-5]xx$/',
  ],
  [
    "a number that is too large",
    "presence: { services: [{ name: web, host: a, port: 65536 }] }",
    "sidekick.yaml:1:52: presence.services[0].port is 65536: expected 65535 or less",
  ],
  [
    "a missing key, at the object that lacks it",
    "presence: { services: [{ name: web, host: a }] }",
    "sidekick.yaml:1:24: presence.services[0].port is missing: expected an integer",
  ],
  [
    "an unknown kind",
    withCheck("{ type: htp }"),
    `sidekick.yaml:4:17: presence.services[0].checks[0].type is "htp": expected one of ${checks}`,
  ],
  [
    "a missing kind",
    withCheck("{ path: /up }"),
    `sidekick.yaml:4:9: presence.services[0].checks[0].type is missing: expected one of ${checks}`,
  ],
  [
    "a string instead of an object with a kind",
    withCheck("tcp"),
    `sidekick.yaml:4:9: presence.services[0].checks[0] is "tcp": expected an object with one of the types ${checks}`,
  ],
  [
    "an empty section",
    "presence:\nwatch: { templates: [{ source: a, target: b }] }",
    "sidekick.yaml:1:10: presence is empty: expected an object with ttl, shutdownTimeout, drainDelay, prefix, format, name, maxProbes, tripwire, heartbeat, waitServed, stamp, sign, heed, services, destinations, docker",
  ],
  [
    "a union, of which the keys show the intended member",
    withTemplate("check: { run: [a], timeot: 1s }"),
    "sidekick.yaml:5:26: watch.templates[0].check.timeot is not known here: did you mean timeout?",
  ],
  [
    "a union, of which no member is intended",
    withTemplate("check: 5"),
    "sidekick.yaml:5:14: watch.templates[0].check is 5: expected a list or an object with run, timeout",
  ],
  [
    "permissions that YAML reads as a number",
    withTemplate("mode: 0644"),
    'sidekick.yaml:5:13: watch.templates[0].mode is 644: expected permissions as a string, such as "0644"',
  ],
  [
    "a value that is not one of the choices",
    withTemplate("format: xml"),
    'sidekick.yaml:5:15: watch.templates[0].format is "xml": expected one of haproxy, nginx, json, shell, plain, unchecked',
  ],
  [
    "a rule about a whole object",
    withTemplate("proxy: { type: command }"),
    "sidekick.yaml:5:14: watch.templates[0].proxy: expected either run (a program and its arguments) or shell (a line for /bin/sh)",
  ],
  [
    "the key of a record",
    withCheck('{ type: http, headers: { "a b": c } }'),
    'sidekick.yaml:4:41: presence.services[0].checks[0].headers["a b"] is "c": expected the name of a header',
  ],
  [
    "an empty list that needs an item",
    "watch: { templates: [] }",
    "sidekick.yaml:1:21: watch.templates is an empty list: expected at least one template",
  ],
  [
    "a rule with a network that is none",
    "watch: { trust: { services: { web: { hosts: [10.0.0.0/33] } } }, templates: [{ source: a, target: b }] }",
    'sidekick.yaml:1:46: watch.trust.services.web.hosts[0] is "10.0.0.0/33": expected an IP address or a network such as 10.2.0.0/16',
  ],
  [
    "a rule with a range of ports that ends before it begins",
    "watch: { trust: { services: { web: { ports: [80, 9-8] } } }, templates: [{ source: a, target: b }] }",
    'sidekick.yaml:1:50: watch.trust.services.web.ports[1] is "9-8": expected a port from 1 to 65535, or a range such as 8000-8999',
  ],
  [
    "names whose addresses are not known",
    "watch: { resolve: false, trust: { services: { web: { hosts: [10.0.0.1], names: [a] } } }, templates: [{ source: a, target: b }] }",
    "sidekick.yaml:1:33: watch.trust: expected resolve: true with a rule that has hosts and names: the addresses of the names would not be known",
  ],
  [
    "a public key that is none",
    "watch: { trust: { keys: { a: { public: abc, services: [web] } } }, templates: [{ source: a, target: b }] }",
    "sidekick.yaml:1:40: watch.trust.keys.a.public is invalid: expected a public key of Ed25519, such as openssl pkey -pubout prints",
  ],
  [
    "signatures in a format that has none",
    "presence: { format: address, sign: { key: k, id: a }, services: [{ name: web, host: 10.0.0.1, port: 80 }] }",
    "sidekick.yaml:1:36: presence.sign: expected format: json with sign, since values of other formats cannot be signed",
  ],
  [
    "signatures of an entry whose key is not known",
    "keyspace: zk://h\npresence: { sign: { key: k, id: a }, services: [{ name: web, host: 10.0.0.1, port: 80, entry: sequential }] }",
    "sidekick.yaml:2:19: presence.sign: expected no services with a sequential entry, encodedName or nodeName with sign: a signature holds for one key",
  ],
  [
    "a claim of containers without a condition",
    "presence: { docker: { names: { web: {} } } }",
    "sidekick.yaml:1:37: presence.docker.names.web: expected image or project",
  ],
  [
    "a presence section without instances",
    "presence: { ttl: 5s }",
    "sidekick.yaml:1:11: presence: expected services to register, or docker: {} to discover containers",
  ],
];

for (const [name, text, expected] of cases) {
  test(`explains ${name}`, () => {
    assert.ok(problemsOf(text).includes(expected), problemsOf(text).join("\n"));
  });
}

test("all problems are reported at once, in the order of the file", () => {
  const problems = problemsOf(`
presence:
  ttl: ten
  services:
    - { name: "a b", host: 10.0.0.1, port: 0, checks: [{ type: tcp, rise: 0 }] }
watch:
  templates:
    - { source: a, target: b, proxi: {} }
    - { source: a, target: ./b }
lgo: info
`);
  assert.deepEqual(
    problems.map((line) => line.split(": ")[0]),
    [
      "sidekick.yaml:3:8",
      "sidekick.yaml:5:15",
      "sidekick.yaml:5:44",
      "sidekick.yaml:5:75",
      "sidekick.yaml:8:31",
      "sidekick.yaml:9:28",
      "sidekick.yaml:10:1",
    ],
  );
});

test("passwords are not shown, wherever they are", () => {
  const messages = [
    ...problemsOf("keyspace: { url: 'etcd://a', user: u, password: [hunter2] }"),
    ...problemsOf("keyspace: etcdx://user:hunter2@a"),
    ...problemsOf("keyspace: etcd://user:hun/ter2@a@b:x"),
    ...problemsOf(withCheck('{ type: http, headers: { Authorization: "hunter2\\u00e9" } }')),
    ...problemsOf("log: ${SECRET}", { SECRET: "hunter2" }),
    ...problemsOf("log: 'hunter2", {}, "toml"),
  ].join("\n");
  assert.doesNotMatch(messages, /hunter2|ter2|hun\//);
  assert.match(messages, /headers\.Authorization is invalid/);
  assert.match(messages, /log is "\$\{SECRET\}": expected one of/);
});

test("a configuration without a section is a problem", () => {
  assert.deepEqual(problemsOf("log: info"), [
    "sidekick.yaml:1:1: there is nothing to do: expected a section presence, watch or exec",
  ]);
});

test("two templates with one target, and two services with one key, are problems", () => {
  const templates =
    "watch:\n  templates:\n    - { source: a, target: x/b }\n    - { source: c, target: ./x/b }";
  assert.deepEqual(problemsOf(templates), [
    "sidekick.yaml:4:28: watch.templates[1].target has the same target as the one at sidekick.yaml:3:28: x/b",
  ]);
  const services = `presence:\n  services:\n    - ${service}\n    - { name: web, id: "10.0.0.1:80", host: b, port: 1 }`;
  assert.deepEqual(problemsOf(services), [
    "sidekick.yaml:4:7: presence.services[1] has the same key in the keyspace as the one at sidekick.yaml:3:7: web/10.0.0.1:80",
  ]);
  assert.equal(planFrom(services.replace("80", "81")).presence?.services.length, 2);
});
