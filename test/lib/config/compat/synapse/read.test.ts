import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ReadSynapse,
  readSynapseConfig,
  type SynapseEnvironment,
} from "../../../../../lib/config/compat/synapse/read.ts";
import { problemLines } from "../../../../../lib/config/located/problem.ts";

const read = (text: string, more: Partial<SynapseEnvironment> = {}): ReadSynapse =>
  readSynapseConfig(text, "/etc/synapse.conf.yaml", { env: {}, hostName: "web-1", ...more });

/** Without the folder of the file. */
const short = (lines: readonly string[]) => lines.map((line) => line.replaceAll("/etc/", ""));

const problemsOf = (text: string, more?: Partial<SynapseEnvironment>) =>
  short(problemLines(read(text, more).problems));

const warningsOf = (text: string) => {
  const { problems, warnings } = read(text);
  assert.deepEqual(problemLines(problems), []);
  return short(problemLines(warnings));
};

const output = "file_output: { output_directory: /tmp/x }";
const haproxy =
  "haproxy: { global: [], defaults: [], config_file_path: /a, do_reloads: false, do_socket: false }";

/** The text of a service, on the second line. */
const web = (service: string, rest = output) => `${rest}\nservices: { web: { ${service} } }`;

const zookeeper = "method: zookeeper, hosts: [zk:2181], path: /web";

/** Texts that are refused: each with the lines of the message. */
const refused: readonly (readonly [name: string, text: string, problems: readonly string[]])[] = [
  [
    "a method that has no counterpart, by name",
    web("discovery: { method: ec2tag, tag_name: a, tag_value: b }"),
    [
      "synapse.conf.yaml:2:41: services.web.discovery.method is ec2tag: instances are not found by their EC2 tags: list them in default_servers, or register them with a presence agent",
    ],
  ],
  [
    "Marathon, within several watchers",
    web(
      "discovery: { method: multi, resolver: { method: union }, watchers: { a: { method: marathon } } }",
    ),
    [
      "synapse.conf.yaml:2:102: services.web.discovery.watchers.a.method is marathon: Marathon is not asked for tasks: register them with a presence agent",
    ],
  ],
  [
    "a resolver that has no counterpart",
    web(
      "discovery_multi: { resolver: { method: s3_toggle, s3_url: x }, watchers: { a: { method: base } } }",
    ),
    [
      "synapse.conf.yaml:2:59: services.web.discovery_multi.resolver.method is s3_toggle: no settings are read from S3: use union or sequential",
    ],
  ],
  [
    "a method that nothing knows",
    web("discovery: { method: zk }"),
    [
      'synapse.conf.yaml:2:41: services.web.discovery.method is "zk": expected one of base, stub, zookeeper, zookeeper_poll, zookeeper_dns, zookeeper_dns_poll, etcd, dns, docker, file, multi',
    ],
  ],
  [
    "a mistyped setting, with the nearest name",
    web(`discovery: { ${zookeeper} }, haproxy: { bind_adress: x }`, `${haproxy}`),
    [
      "synapse.conf.yaml:2:95: services.web.haproxy.bind_adress is not known here: did you mean bind_address?",
    ],
  ],
  [
    "a generator that there is not",
    `vulcand: {}\n${web("discovery: { method: base }")}`,
    [
      "synapse.conf.yaml:1:1: vulcand is not known here: expected one of services, service_conf_dir, haproxy, nginx, file_output, statsd",
    ],
  ],
  [
    "settings of former versions, with their new place",
    web("discovery: { method: base }, local_port: 3212, listen: []"),
    [
      "synapse.conf.yaml:2:49: services.web.local_port is a setting of former versions: write services.web.haproxy.port",
      "synapse.conf.yaml:2:67: services.web.listen is a setting of former versions: write services.web.haproxy.listen",
    ],
  ],
  [
    "a list of services, as the first versions had it",
    `${output}\nservices: [{ name: web }]`,
    [
      "synapse.conf.yaml:2:11: services is a list, as in versions before 0.2: expected an object, by the names",
    ],
  ],
  [
    "settings that ZooKeeper needs",
    web("discovery: { method: zookeeper, path: web }"),
    [
      "synapse.conf.yaml:2:31: services.web.discovery.hosts is missing: expected a list of strings",
      'synapse.conf.yaml:2:58: services.web.discovery.path is "web": expected the absolute path of a node, such as /services/web',
    ],
  ],
  [
    "a condition that matches nothing in Synapse",
    web(`discovery: { ${zookeeper}, label_filters: [{ label: a, value: b, condition: matches }] }`),
    [
      'synapse.conf.yaml:2:131: services.web.discovery.label_filters[0].condition is "matches": expected one of equals, not-equals',
    ],
  ],
  [
    "a port that is none",
    web("discovery: { method: base }, backend_port_override: 80a"),
    [
      'synapse.conf.yaml:2:72: services.web.backend_port_override is "80a": expected a port from 1 to 65535',
    ],
  ],
  [
    "a field of servers that options do not have",
    web('discovery: { method: base }, haproxy: { server_options: "track x/%{id}" }', haproxy),
    [
      'synapse.conf.yaml:2:76: services.web.haproxy.server_options is "track x/%{id}": expected no other fields than %{host}, %{port} and %{name}',
    ],
  ],
  [
    "a line with a line break",
    web('discovery: { method: base }, haproxy: { backend: ["mode tcp\\nlisten x"] }', haproxy),
    [
      'synapse.conf.yaml:2:70: services.web.haproxy.backend[0] is "mode tcp\\nlisten x": expected one line: a line break would begin another one',
    ],
  ],
  [
    "a service without a method",
    web("haproxy: {}", haproxy),
    ["synapse.conf.yaml:2:18: services.web.discovery is missing: expected an object with method"],
  ],
  [
    "an order that lacks a watcher",
    web(
      `discovery: { ${zookeeper} }, discovery_multi: { resolver: { method: sequential, sequential_order: [primary] }, watchers: { b: { method: base } } }`,
    ),
    [
      "synapse.conf.yaml:2:153: services.web.discovery_multi.resolver.sequential_order: expected each of b, primary once",
    ],
  ],
  [
    "a configuration that writes nothing",
    "services: {}",
    ["synapse.conf.yaml:1:1: nothing is written: expected haproxy, nginx or file_output"],
  ],
  [
    "a file, a command and a socket that haproxy needs",
    "haproxy: { global: [], defaults: [] }\nservices: {}",
    [
      "synapse.conf.yaml:1:10: haproxy.config_file_path is missing: expected it unless do_writes is false",
      "synapse.conf.yaml:1:10: haproxy.reload_command is missing: expected it unless do_reloads is false",
      "synapse.conf.yaml:1:10: haproxy.socket_file_path is missing: expected it unless do_socket is false",
    ],
  ],
  [
    "a file and commands that nginx needs",
    "nginx: { contexts: { main: [], events: [] }, do_reloads: false }\nservices: {}",
    [
      "synapse.conf.yaml:1:8: nginx.config_file_path is missing: expected it unless do_writes is false",
      "synapse.conf.yaml:1:8: nginx.check_command is missing: expected it unless do_writes is false",
    ],
  ],
  [
    "two services with one pool",
    `${haproxy}\nservices:\n  a: { discovery: { method: base } }\n  b: { discovery: { method: base }, haproxy: { backend_name: a } }`,
    ["synapse.conf.yaml:4:62: services a and b have the same pool, a"],
  ],
  [
    "Ruby in the configuration, other than a variable",
    `${output}\nservices: {}\nstatsd: { host: <%= \`hostname\` %> }`,
    [
      "synapse.conf.yaml:3:17: Ruby in the configuration is not run: expected nothing but <%= ENV['NAME'] %> or <%= ENV.fetch('NAME', 'default') %>",
    ],
  ],
  [
    "a variable that is not set",
    `${output}\nservices: {}\nstatsd: { host: <%= ENV['HOST'] %> }`,
    ["synapse.conf.yaml:3:17: the environment variable HOST is not set"],
  ],
  [
    "a syntax error",
    '{ "services": }}',
    ['synapse.conf.yaml:1:16: unexpected flow-map-end token in YAML stream: "}"'],
  ],
];

for (const [name, text, problems] of refused) {
  test(`refused by file, line and key: ${name}`, () => {
    assert.deepEqual(problemsOf(text), problems);
    assert.equal(read(text).settings, undefined);
  });
}

test("the value of a variable cannot change the structure", () => {
  const text = `${output}\nservices: { web: { discovery: { method: base } } }\nstatsd: { host: <%= ENV["H"] %> }`;
  assert.deepEqual(problemsOf(text, { env: { H: "x }\nhaproxy: {" } }), [
    "synapse.conf.yaml:3:17: the environment variable H has a character that would change the structure",
  ]);
  assert.deepEqual(problemsOf(text, { env: { H: "stats.example.net" } }), []);
});

test("a service in two files is refused, with both places", () => {
  const serviceFiles = [{ file: "/etc/conf.d/web.json", text: '{ "discovery": {} }' }];
  assert.deepEqual(problemsOf(web("discovery: { method: base }"), { serviceFiles }), [
    "conf.d/web.json:1:1: the service web is at synapse.conf.yaml:2:13, too",
  ]);
});

test("a problem in the file of a service has its position", () => {
  const serviceFiles = [
    { file: "/etc/conf.d/web.yaml", text: "discovery:\n  method: base\n  paht: /x\n" },
  ];
  assert.deepEqual(problemsOf(output, { serviceFiles }), [
    "conf.d/web.yaml:3:3: services.web.discovery.paht is not known here: expected one of method, label_filters, label_filter",
  ]);
});

test("settings without effect are named, and so is each line that haproxy does not take", () => {
  const text = `
haproxy:
  global: []
  defaults: []
  config_file_path: /a
  do_reloads: no
  do_socket: off
services:
  statsd:
    load_test_concurrency: 3
    discovery:
      method: zookeeper_poll
      hosts: zk:2181
      path: /web
      polling_interval_sec: 10
      generator_config_path: /other
      retry_policy: { max_attempts: 3 }
    haproxy:
      frontend: balance roundrobin
      backend: [mode http, "# a comment"]
      listen: [option bogus]
  web:
    discovery: { method: zookeeper, hosts: [a], path: /b, generator_config_path: disabled }
    haproxy: { shared_frontend: [use_backend web] }
`;
  assert.deepEqual(warningsOf(text), [
    "synapse.conf.yaml:10:5: services.statsd.load_test_concurrency has no effect: it is for load tests of Synapse itself",
    "synapse.conf.yaml:15:7: services.statsd.discovery.polling_interval_sec has no effect: changes are followed as they happen",
    "synapse.conf.yaml:16:7: services.statsd.discovery.generator_config_path has no effect: an entry never changes the configuration",
    "synapse.conf.yaml:17:7: services.statsd.discovery.retry_policy has no effect: failures are retried with back-off, without end",
    'synapse.conf.yaml:19:17: services.statsd.haproxy.frontend is left out: haproxy has no "balance roundrobin" in a frontend section',
    'synapse.conf.yaml:20:28: services.statsd.haproxy.backend[1] is left out: haproxy has no "# a comment" in a backend section',
    'synapse.conf.yaml:21:16: services.statsd.haproxy.listen[0] is left out: haproxy has no "option bogus" in a listen section',
    "synapse.conf.yaml:24:33: services.web.haproxy.shared_frontend has no effect: haproxy.shared_frontend is not set",
  ]);
});

test("a section of a program that is not configured has no effect", () => {
  assert.deepEqual(warningsOf(web("discovery: { method: base }, haproxy: { port: 1 }")), [
    "synapse.conf.yaml:2:58: services.web.haproxy has no effect: haproxy is not configured",
  ]);
});

test("haproxy that is not written has no effect", () => {
  const text =
    "haproxy: { global: [], defaults: [], do_writes: no, do_reloads: no, do_socket: no }";
  assert.deepEqual(warningsOf(`${text}\nservices: {}`), [
    "synapse.conf.yaml:1:49: haproxy has no effect: do_writes is false, and the running haproxy is only changed together with its file",
  ]);
});

test("a service without a haproxy section has a pool; one that is disabled has none", () => {
  const { settings } = read(
    `${haproxy}\nservices:\n  a: { discovery: { method: base } }\n  b: { discovery: { method: base }, haproxy: { disabled: true } }`,
  );
  assert.deepEqual(settings?.haproxy?.settings.services, [
    {
      name: "a",
      poolName: "a",
      lines: { frontend: [], pool: [], listen: [] },
      serverOptions: "",
      order: "shuffle",
      cookie: "name",
    },
  ]);
});

test("without a seed, the order of servers is that of the machine", () => {
  const seeds = ["web-1", "web-1", "web-2"].map(
    (hostName) =>
      read(`${haproxy}\nservices: {}`, { hostName }).settings?.haproxy?.settings.orderSeed,
  );
  assert.equal(seeds[0], seeds[1]);
  assert.notEqual(seeds[0], seeds[2]);
});

test("the settings of nginx are read", () => {
  const { settings, problems } = read(`
nginx:
  contexts: { main: [worker_processes 1], events: [worker_connections 100], http: [access_log off] }
  config_file_path: /etc/nginx/nginx.conf
  check_command: nginx -t -c /etc/nginx/nginx.conf
  reload_command: nginx -s reload
services:
  web:
    discovery: { method: base }
    nginx: { port: 80, mode: http, server: ["location /api { return 404; }"] }
  other: { discovery: { method: base }, nginx: { disabled: true } }
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(settings?.nginx, {
    settings: {
      main: ["worker_processes 1"],
      contexts: [
        { name: "events", directives: ["worker_connections 100"] },
        { name: "http", directives: ["access_log off"] },
      ],
      listenAddress: "localhost",
      orderSeed: settings?.nginx?.settings.orderSeed,
      services: [
        {
          name: "web",
          mode: "http",
          port: 80,
          server: ["location /api { return 404; }"],
          upstream: [],
          upstreamName: "web",
          order: "asc",
        },
      ],
    },
    target: "/etc/nginx/nginx.conf",
    check: { shell: "nginx -t -c /etc/nginx/nginx.conf" },
    reload: { shell: "nginx -s reload" },
    minReloadIntervalMs: 2000,
    reloadJitter: 0,
  });
});
