import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "../../../../../lib/config/compat/synapse/plan.ts";
import { readSynapseConfig } from "../../../../../lib/config/compat/synapse/read.ts";
import { problemLines } from "../../../../../lib/config/located/problem.ts";

const haproxy =
  "haproxy: { global: [], defaults: [], config_file_path: /h.cfg, do_reloads: false, do_socket: false }";

function read(text: string) {
  return readSynapseConfig(text, "/etc/synapse.yaml", { env: {}, hostName: "here" });
}

/** The plan of a configuration. */
function planned(services: string, output = haproxy) {
  const { settings, problems, unsupported } = read(`${services}\n${output}`);
  assert.deepEqual(problemLines([...problems, ...unsupported]), []);
  assert.ok(settings);
  const { watch, ...plan } = planOf(settings, "/etc/synapse.yaml", () => 0.5);
  assert.ok(watch);
  return { plan, watch };
}

const web = (discovery: string, more = "") =>
  `services: { web: { discovery: { ${discovery} } ${more} } }`;
const zookeeper = "method: zookeeper, hosts: ['a:1', 'b:1/root'], path: /nerve/web/";
const stub = web("method: stub");

/** Where a service has its instances. */
function sourceOf(services: string) {
  const { plan, watch } = planned(services);
  const source = watch.sources?.web;
  return {
    keyspace: plan.keyspace.url,
    mounts: Object.entries(plan.mounts ?? {}).map(([folder, { url }]) => `${folder} ${url}`),
    folders: source?.folders.map(({ path, endpoint = "" }) => `${path} ${endpoint}`.trim()),
    mode: source?.mode,
    instances: source?.instances.map(({ key, name }) => `${key} ${name}`),
  };
}

const alone = { mounts: [], mode: "union", instances: [] };

test("the paths of one cluster are as they are, and all services of a cluster share it", () => {
  assert.deepEqual(sourceOf(web(zookeeper)), {
    ...alone,
    keyspace: "zk://a:1,b:1/root",
    folders: ["/nerve/web"],
  });
  const etcd = "method: etcd, host: e, port: 2379, path: /web";
  assert.deepEqual(sourceOf(web(etcd)), { ...alone, keyspace: "etcd://e:2379", folders: ["/web"] });
  const both = `services:
  other: { discovery: { ${zookeeper} } }
  web: { discovery: { method: zookeeper_poll, hosts: 'a:1,b:1/root', path: /w, decode: { method: serverset, endpoint_name: http } } }`;
  const shared = { ...alone, keyspace: "zk://a:1,b:1/root", folders: ["/w http"] };
  assert.deepEqual(sourceOf(both), shared);
});

test("other clusters are mounted; union joins the watchers, and sequential takes the first one that has servers", () => {
  const watchers = (resolver: string) =>
    web(`method: multi, resolver: { ${resolver} }, watchers: {
      here: { method: zookeeper, hosts: ['a:1'], path: /web },
      there: { method: zookeeper, hosts: ['b:1'], path: /web },
      more: { method: etcd, hosts: ['e:2379'], path: /web } }`);
  const clusters = {
    keyspace: "zk://a:1",
    mounts: ["/synapse/2 zk://b:1", "/synapse/3 etcd://e:2379"],
    instances: [],
  };
  assert.deepEqual(sourceOf(watchers("method: union")), {
    ...{ ...clusters, mode: "union" },
    folders: ["/web", "/synapse/2/web", "/synapse/3/web"],
  });
  const order = "method: sequential, sequential_order: [there, more, here]";
  assert.deepEqual(sourceOf(watchers(order)), {
    keyspace: "zk://b:1",
    mounts: ["/synapse/2 etcd://e:2379", "/synapse/3 zk://a:1"],
    ...{ instances: [], mode: "first" },
    folders: ["/web", "/synapse/2/web", "/synapse/3/web"],
  });
});

test("default servers and the names that DNS resolves are instances without entries", () => {
  const servers = "[{ host: d, port: 80, name: x }]";
  const none = { ...alone, keyspace: "memory:", folders: [] };
  assert.deepEqual(sourceOf(web("method: stub", `, default_servers: ${servers}`)), {
    ...none,
    instances: ["services.web/d:80 x"],
  });
  const names = "method: dns, servers: [{ host: n }]";
  const port = ", backend_port_override: 99";
  assert.deepEqual(sourceOf(web(names, `${port}, default_servers: ${servers}`)), {
    ...none,
    instances: ["services.web/n:99 n:99"],
  });
});

test("a service without default servers keeps the previous ones unless use_previous_backends is false", () => {
  const keeps = (more: string) => {
    const { guard } = planned(web("method: stub", more)).watch;
    assert.equal(guard.all.keepEmpty, false);
    return guard.services.web?.keepEmpty ?? false;
  };
  assert.equal(keeps(""), true);
  assert.equal(keeps(", use_previous_backends: false"), false);
  assert.equal(keeps(", default_servers: [{ host: d, port: 80 }]"), false);
});

/** The file that an output writes, without the settings of its generator. */
function fileOf(output: string) {
  const [{ target, proxy, format } = { target: undefined }] = planned(stub, output).watch.templates;
  return { target, proxy, format };
}

const full = `haproxy:
  global: []
  defaults: []
  config_file_path: /h.cfg
  socket_file_path: /h.sock
  reload_command: reload it
  restart_interval: 4
  restart_jitter: 0.5
  do_checks: true`;

test("the socket, commands and intervals of haproxy are those of its proxy", () => {
  assert.deepEqual(fileOf(`${full}\n  check_command: haproxy -c -f /h.cfg.tmp`), {
    target: {
      path: "/h.cfg",
      check: { run: ["/bin/sh", "-c", "haproxy -c -f {candidate}"], timeout: 30_000 },
    },
    proxy: {
      ...{ type: "haproxy", socket: "/h.sock", reload: ["/bin/sh", "-c", "reload it"] },
      ...{ minInterval: 5000, timeout: 60_000 },
    },
    format: "haproxy",
  });
  const { target } = fileOf(`${full}\n  check_command: check-it`);
  const copied = ["/bin/sh", "-c", 'cat "$1" >"$2" || exit\ncheck-it', "sh", "{candidate}"];
  assert.deepEqual(target?.check?.run, [...copied, "/h.cfg.tmp"]);
  assert.equal(fileOf(haproxy).proxy, undefined);
  assert.deepEqual(
    planned(stub, haproxy.replace("config_file_path: /h.cfg", "do_writes: false")).watch.templates,
    [],
  );
});

test("nginx is checked and reloaded by commands, before its file is replaced if the check names it", () => {
  const nginx = (check: string) =>
    fileOf(
      `nginx: { contexts: { main: [], events: [] }, config_file_path: /n.conf, check_command: ${check}, reload_command: reload it }`,
    );
  const proxy = { type: "command", minInterval: 2000, timeout: 60_000 };
  assert.deepEqual(nginx("nginx -t -c /n.conf"), {
    target: {
      path: "/n.conf",
      check: { run: ["/bin/sh", "-c", "nginx -t -c {candidate}"], timeout: 30_000 },
    },
    proxy: { ...proxy, shell: "( reload it\n)" },
    format: "nginx",
  });
  assert.deepEqual(nginx("nginx -t"), {
    target: { path: "/n.conf" },
    proxy: { ...proxy, shell: "( nginx -t\n) && ( reload it\n)" },
    format: "nginx",
  });
});

test("file_output is a file for each service", () => {
  const { templates } = planned(
    "services: { a: { discovery: { method: stub } }, b: { discovery: { method: stub }, file_output: { disabled: true } } }",
    "file_output: { output_directory: /out }",
  ).watch;
  assert.deepEqual(
    templates.map(({ target }) => target.path),
    ["/out/a.json"],
  );
});

const unsupported: readonly (readonly [what: string, services: string, problem: RegExp])[] = [
  [
    "docker",
    web("method: docker, servers: [{ host: h }], image_name: i, container_port: 1"),
    /:1:\d+: services\.web\.discovery\.method is docker, a watcher asks no Docker engines/,
  ],
  [
    "file",
    web("method: file, path: /f"),
    /services\.web\.discovery\.method is file, a watcher reads no such files/,
  ],
  [
    "dns beside others",
    web(
      "method: multi, resolver: { method: union }, watchers: { d: { method: dns, servers: [{ host: h, port: 1 }] } }",
    ),
    /services\.web\.discovery\.watchers\.d\.method is dns, which can only be the only watcher/,
  ],
  [
    "a DNS server",
    web("method: dns, nameserver: n, servers: [{ host: h, port: 1 }]"),
    /services\.web\.discovery\.nameserver is not supported/,
  ],
  [
    "filters of a sequential watcher",
    web(
      "method: multi, resolver: { method: sequential, sequential_order: [d] }, watchers: { d: { method: stub, label_filters: [{ label: l, value: v, condition: equals }] } }",
    ),
    /watchers\.d\.label_filters is not supported for one of several sequential watchers/,
  ],
  [
    "a host that is none",
    web("method: zookeeper, hosts: ['a:b:c'], path: /w"),
    /services\.web\.discovery\.hosts is invalid/,
  ],
  [
    "the name of a service",
    "services: { 'a/b': { discovery: { method: stub } } }",
    /services\["a\/b"\] has an invalid name/,
  ],
];

for (const [what, services, expected] of unsupported) {
  test(`${what}: refused by its position`, () => {
    const found = read(`${services}\n${haproxy}`);
    assert.deepEqual(problemLines(found.problems), []);
    const lines = problemLines(found.unsupported);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /^\/etc\/synapse\.yaml:\d+:\d+: /);
    assert.match(lines[0] ?? "", expected);
  });
}

test("several sockets are refused by their position", () => {
  const output = full.replace("socket_file_path: /h.sock", "socket_file_path: [/a.sock, /b.sock]");
  const { unsupported } = read(`${stub}\n${output}\n  check_command: c`);
  assert.match(
    problemLines(unsupported).join(),
    /:\d+:\d+: haproxy\.socket_file_path is a list: expected one socket/,
  );
});

test("a running haproxy is not changed while do_reloads is false: a warning", () => {
  const output = full.replace("do_checks: true", "do_reloads: false");
  assert.match(
    problemLines(read(`${stub}\n${output}`).warnings).join(),
    /haproxy\.do_socket has no effect: do_reloads is false/,
  );
});
