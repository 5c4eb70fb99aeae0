import assert from "node:assert/strict";
import { test } from "node:test";
import { readNerveConfig } from "../../../../../lib/config/compat/nerve/read.ts";
import { problemLines } from "../../../../../lib/config/located/problem.ts";
import type { ServicePlan } from "../../../../../lib/config/plan.ts";

type Settings = Readonly<Record<string, unknown>>;

const zk = { zk_hosts: ["zk1"], zk_path: "/web" };
const minimal = { host: "10.0.0.1", port: 80, ...zk };

function read(service: Settings, top: Settings = {}, others: Settings = {}) {
  const config = { instance_id: "i-1", services: { web: service, ...others }, ...top };
  return readNerveConfig(JSON.stringify(config), "nerve.conf.json", { log: "info" });
}

/** The first service of a valid configuration. */
function planned(service: Settings, top: Settings = {}): ServicePlan {
  const { plan, problems } = read({ ...minimal, ...service }, top);
  assert.deepEqual(problemLines(problems), []);
  const [first] = plan?.presence?.services ?? [];
  assert.ok(first);
  return first;
}

/** The problems of a configuration without their positions, which one test compares. */
function problemsOf(service: Settings, top: Settings = {}, others: Settings = {}) {
  const { plan, problems } = read(service, top, others);
  assert.equal(plan, undefined);
  return problems.map(({ message }) => message);
}

test("the least configuration has Nerve's defaults", () => {
  const { plan, problems, warnings } = read({ ...minimal, checks: [{ type: "tcp" }] });
  assert.deepEqual([problems, warnings], [[], []]);
  assert.equal(plan?.keyspace.url, "zk://zk1:2181");
  assert.equal(plan?.mounts, undefined);
  assert.deepEqual(plan?.presence, {
    ...{ ttlMs: 32_000, drainDelayMs: 1000, shutdownTimeoutMs: 10_000 },
    ...{ prefix: "/services", format: "nerve", name: "i-1" },
    services: [
      {
        ...{ name: "web", host: "10.0.0.1", port: 80, id: "i-1", instance: "i-1", path: "/web" },
        form: { isNumbered: true, name: "i-1" },
        checks: [{ type: "tcp", interval: 500, timeout: 100, rise: 1, fall: 1, tls: false }],
      },
    ],
  });
});

test("node types, and names that encode the value, are forms of the entry", () => {
  for (const [settings, form] of [
    [{}, { isNumbered: true, name: "i-1" }],
    [{ node_type: "ephemeral_sequential" }, { isNumbered: true, name: "i-1" }],
    [{ node_type: "ephemeral" }, { name: "i-1_" }],
    [{ node_type: "persistent" }, { isPersistent: true, name: "i-1_" }],
    [{ node_type: "persistent_sequential" }, { isPersistent: true, isNumbered: true, name: "i-1" }],
    [{ use_path_encoding: true }, { isNumbered: true, encodesValue: true, name: "i-1" }],
    [{ use_path_encoding: false }, { isNumbered: true, name: "i-1" }],
  ] as const) {
    assert.deepEqual(planned(settings).form, form, JSON.stringify(settings));
  }
});

test("each check is the one of that kind, with its times", () => {
  const timing = { interval: 500, timeout: 100, rise: 1, fall: 1 };
  const http = {
    ...{ type: "http", http2: false, method: "GET", path: "/up", headers: {} },
    ...{ expect: ["2xx", "3xx"], tls: false },
  };
  for (const [check, expected] of [
    [
      { type: "tcp", timeout: 0.25, rise: 2, fall: 3 },
      { type: "tcp", ...timing, timeout: 250, rise: 2, fall: 3, tls: false },
    ],
    [
      { type: "tcp", host: "h", port: "81" },
      { type: "tcp", ...timing, host: "h", port: 81, tls: false },
    ],
    [
      { type: "redis", name: "my check" },
      { type: "redis", ...timing, key: "nerve-redis-service-check", tls: false },
    ],
    [{ type: "zookeeper" }, { type: "zookeeper", ...timing }],
    [
      { type: "http", uri: "/up" },
      { ...http, ...timing, timeout: 300 },
    ],
    [
      { type: "http", uri: "/up", timeout: 1, open_timeout: 0.5 },
      { ...http, ...timing, timeout: 1500 },
    ],
    [
      { type: "http", uri: "/up", timeout: 9, read_timeout: 2 },
      { ...http, ...timing, timeout: 2200 },
    ],
    [
      { type: "http", uri: "/up", ssl: true },
      { ...http, ...timing, timeout: 500, tls: { insecure: true } },
    ],
    [
      { type: "http", uri: "/up", ssl: true, ssl_timeout: 1 },
      { ...http, ...timing, timeout: 1300, tls: { insecure: true } },
    ],
    [
      { type: "http", uri: "/up", expect: "fine", headers: { Host: "a", "X-Try": 1 } },
      { ...http, ...timing, timeout: 300, headers: { Host: "a", "X-Try": "1" }, contains: "fine" },
    ],
  ] as const) {
    assert.deepEqual(planned({ checks: [check] }).checks, [expected], JSON.stringify(check));
  }
  assert.deepEqual(planned({ checks: [{ type: "noop" }] }).checks, []);
  assert.deepEqual(planned({ checks: [{ type: "tcp" }], check_mocked: true }).checks, []);
  assert.equal(
    planned({ checks: [{ type: "tcp" }], check_interval: 2.5 }).checks[0]?.interval,
    2500,
  );
});

test("published fields keep their types", () => {
  assert.equal(planned({}).verbatim, undefined);
  assert.deepEqual(planned({ port: "8080" }).verbatim, { port: "8080" });
  assert.equal(planned({ port: "8080" }).port, 8080);
  const labels = { zone: "a", rack: 7, spare: true };
  assert.deepEqual(planned({ labels }).verbatim, { labels });
  assert.deepEqual(planned({ labels }).labels, { zone: "a", rack: "7", spare: "true" });
  assert.equal(planned({ labels: { zone: "a" } }).verbatim, undefined);
  assert.equal(planned({ weight: "12" }).weight, 12);
  assert.equal(planned({ haproxy_server_options: "backup check" }).options, "backup check");
});

test("the reporter etcd has a keyspace of etcd's third API, and numbers below the name", () => {
  const reporter = { zk_hosts: undefined, zk_path: undefined, reporter_type: "etcd" };
  const service = { ...minimal, ...reporter, etcd_host: "e1" };
  const { plan } = read(service);
  assert.equal(plan?.keyspace.url, "etcd://e1:4003");
  assert.equal(plan?.presence?.services[0]?.path, "");
  const { plan: other } = read({ ...service, etcd_port: "2379", etcd_path: "a/b/" });
  assert.equal(other?.keyspace.url, "etcd://e1:2379");
  assert.equal(other?.presence?.services[0]?.path, "/a/b");
  assert.deepEqual(other?.presence?.services[0]?.form, { isNumbered: true, name: "i-1" });
});

test("a service with the reporter base is checked, and its entry is in the memory of this process", () => {
  const { plan } = read({ host: "h", port: 1, reporter_type: "base" }, {}, { web2: minimal });
  assert.equal(plan?.keyspace.url, "memory:");
  assert.deepEqual(Object.keys(plan?.mounts ?? {}), ["/zk1:2181"]);
  const paths = plan?.presence?.services.map(({ path }) => path);
  assert.deepEqual(paths, ["", "/zk1:2181/web"]);
});

test("each ensemble is one keyspace, in whatever order its servers are written", () => {
  const hosts = [["b:1", "a"], ["a:2181", "b:1"], "b:1,a"];
  for (const zk_hosts of hosts) {
    assert.equal(read({ ...minimal, zk_hosts }).plan?.keyspace.url, "zk://a:2181,b:1");
  }
  const { plan } = read({ ...minimal, zk_hosts: ["a", "b:1/root"] });
  assert.equal(plan?.keyspace.url, "zk://a:2181,b:1/root");
});

test("services with one path have nodes with one name, and keys of their own", () => {
  const { plan } = read(minimal, {}, { other: { ...minimal, port: 81 } });
  assert.deepEqual(
    plan?.presence?.services.map(({ id, form }) => [id, form?.name]),
    [
      ["i-1", "i-1"],
      ["i-1+other", "i-1"],
    ],
  );
  const same = { ...minimal, node_type: "ephemeral" };
  assert.deepEqual(problemsOf(same, {}, { other: same }), [
    "services.other has the same node as services.web: give it a zk_path of its own",
  ]);
});

test("the name from the command line replaces the one of the file", () => {
  const text = JSON.stringify({ services: { web: minimal } });
  const { plan } = readNerveConfig(text, "n.json", { log: "debug", instanceId: "box" });
  assert.equal(plan?.presence?.name, "box");
  assert.equal(plan?.presence?.services[0]?.id, "box");
  assert.equal(plan?.log, "debug");
  const { problems } = readNerveConfig(text, "n.json", { log: "info" });
  assert.deepEqual(problemLines(problems), [
    "n.json:1:1: instance_id is missing: expected a string",
  ]);
});

test("settings without an effect are named, with the reason", () => {
  const settings = {
    rate_limiting: { average_rate: 1, max_burst: 2, shadow_mode: false },
    ...{ load_test_concurrency: 3, ttl_seconds: 60 },
  };
  const { warnings } = read({ ...minimal, ...settings }, { statsd: { port: 8125 } });
  assert.deepEqual(
    warnings.map(({ message }) => message.replace(/:.*/, "")),
    [
      "statsd has no effect",
      "services.web.rate_limiting has no effect",
      "services.web.load_test_concurrency has no effect",
      "services.web.ttl_seconds has no effect",
    ],
  );
});

test("unknown and unsupported settings are refused by file, line and key", () => {
  const text = [
    "instance_id: i-1",
    "services:",
    "  web:",
    "    host: 10.0.0.1",
    "    port: 80",
    "    zk_hosts: [zk]",
    "    zk_pth: /web",
    "    checks:",
    "      - type: rabbitmq",
  ].join("\n");
  const { problems } = readNerveConfig(text, "/etc/nerve.yaml", { log: "info" });
  assert.deepEqual(problemLines(problems), [
    "/etc/nerve.yaml:4:5: services.web.zk_path is missing: expected a string",
    "/etc/nerve.yaml:7:5: services.web.zk_pth is not known here: did you mean zk_path?",
    "/etc/nerve.yaml:9:15: services.web.checks[0].type is rabbitmq: use tcp, or http with the path /api/health/checks/alarms of its management plugin",
  ]);
});

for (const [settings, message] of [
  [{ port: 0 }, "services.web.port is 0: expected a port from 1 to 65535"],
  [{ weight: -1 }, "services.web.weight is -1: expected 0 or more"],
  [{ weight: 300 }, "services.web.weight is 300: expected 0 to 256"],
  [
    { zk_hosts: "a b" },
    'services.web.zk_hosts: the keyspace URL zk://a b is invalid: "a b" is not host:port, nor [IPv6]:port',
  ],
  [{ node_type: "container" }, 'services.web.node_type is "container"'],
  [{ reporter_type: "serf" }, "services.web.reporter_type is serf: there is no keyspace in Serf"],
  [{ reporter_type: "consul" }, 'services.web.reporter_type is "consul": expected one of'],
  [{ checks: [{ type: "mysql" }] }, "services.web.checks[0].type is mysql: use tcp"],
  [
    { checks: [{ type: "tcp", module: "m" }] },
    "services.web.checks[0].module: gems of Ruby are not run",
  ],
  [{ checks: [{ type: "http" }] }, "services.web.checks[0].uri is missing"],
  [{ checks: [{ type: "tcp", rise: 0 }] }, "services.web.checks[0].rise is 0: expected 1 or more"],
  [
    { labels: { a: { b: 1 } } },
    "services.web.labels.a: expected a string or a number or a boolean",
  ],
] as const) {
  test(`refused: ${JSON.stringify(settings)}`, () => {
    const [first = ""] = problemsOf({ ...minimal, ...settings });
    assert.ok(first.startsWith(message), first);
  });
}
