import assert from "node:assert/strict";
import { test } from "node:test";
import { problemLines } from "../../../../../lib/config/located/problem.ts";
import { published } from "./published.ts";
import { fileOf, readPublished, recordedText, textOf } from "./published-text.ts";

/** The settings without effect, by configuration. */
const ineffective: Readonly<Record<string, RegExp>> = {
  "service-files.json": /:3:3: statsd has no effect/,
  "containers.yaml": /:10:7: services\.\S+\.discovery\.check_interval has no effect/,
  "names.json": /:7:5: services\.\S+\.discovery\.check_interval has no effect/,
};

for (const name of Object.keys(published)) {
  test(`a configuration as people publish it is read without a problem: ${name}`, async () => {
    const { problems, warnings } = await readPublished(name);
    assert.deepEqual(problemLines(problems), []);
    const expected = [ineffective[name] ?? []].flat();
    assert.equal(warnings.length, expected.length);
    for (const [i, pattern] of expected.entries()) {
      assert.match(problemLines(warnings)[i] ?? "", pattern);
    }
  });

  test(`its haproxy.cfg is the recorded one: ${name}`, async () => {
    assert.equal(await textOf(name), await recordedText(name));
  });
}

const settingsOf = async (name: string) => {
  const { settings } = await readPublished(name);
  assert.ok(settings);
  return settings;
};

test("what to do with haproxy: files, commands, sockets and intervals", async () => {
  const { haproxy } = await settingsOf("locations.json");
  const { settings, reload, ...rest } = haproxy ?? {};
  assert.match(reload?.shell ?? "", /^touch .* -sf /);
  assert.equal(settings?.orderSeed, -3550055125485641917n);
  assert.equal(settings?.keepsGoneMs, 1_800_000);
  assert.deepEqual(rest, {
    target: "/var/run/synapse/haproxy.cfg",
    sockets: ["/var/run/synapse/haproxy.sock"],
    minReloadIntervalMs: 60_000,
    reloadJitter: 0.1,
    stateFile: "/var/run/synapse/state.json",
  });
});

test("a check command, and the file that it reads", async () => {
  const { haproxy } = await settingsOf("names.json");
  assert.deepEqual(haproxy?.sockets, []);
  assert.deepEqual(haproxy?.check, {
    shell: "haproxy -c -f /etc/haproxy/haproxy-synapse.cfg.tmp",
    candidate: "/etc/haproxy/haproxy-synapse.cfg.tmp",
  });
});

test("several sockets; a relative path is one beside the file", async () => {
  const { haproxy: shared } = await settingsOf("shared-frontend.yaml");
  assert.deepEqual(shared?.sockets, ["/var/run/haproxy.sock", "/var/run/haproxy2.sock"]);
  const { haproxy: relative } = await settingsOf("service-files.json");
  assert.equal(relative?.target, fileOf("haproxy.cfg"));
});

test("the files of file_output: all services but the disabled ones", async () => {
  const { fileOutput } = await settingsOf("locations.json");
  assert.deepEqual(fileOutput, { folder: "/var/run/synapse/services", services: ["photos.main"] });
});

test("servers in ZooKeeper, with addresses and with names", async () => {
  const { services: one } = await settingsOf("local-ports.json");
  assert.deepEqual(one[0]?.source, {
    kind: "zookeeper",
    hosts: ["zk1.example.net:2181", "zk2.example.net:2181", "zk3.example.net:2181"],
    path: "/nerve/services/ledger/services",
    decode: { kind: "nerve" },
  });
  const { services: two } = await settingsOf("names.json");
  assert.deepEqual(two[1]?.source, {
    kind: "zookeeper",
    hosts: ["zk1.example.net:2181"],
    path: "/nerve/services/cache",
    decode: { kind: "nerve" },
    resolve: { nameserver: "10.4.0.2", intervalMs: 30_000 },
  });
  assert.equal(two[1]?.rules.portOverride, 6379);
});

test("servers behind DNS names", async () => {
  const { services } = await settingsOf("names.json");
  assert.deepEqual(services[0]?.source, {
    kind: "dns",
    names: [
      { host: "reports.db.example.net", port: 5432, name: "primary" },
      {
        host: "reports-ro.db.example.net",
        port: 5432,
        name: "replica",
        labels: { role: "replica" },
      },
    ],
    nameserver: "10.4.0.2",
    intervalMs: 10_000,
  });
});

test("containers of an image on several engines", async () => {
  const { services } = await settingsOf("containers.yaml");
  assert.deepEqual(services[0]?.source, {
    kind: "docker",
    engines: [
      { host: "10.3.0.1", port: 2375, name: "node1" },
      { host: "10.3.0.2", port: 4243, name: "node2" },
    ],
    image: "example/thumbnails",
    containerPort: 8000,
    intervalMs: 5000,
  });
});

test("several sources, one after the other and at once", async () => {
  const { services } = await settingsOf("several.yaml");
  const [mail, jobs] = services;
  assert.deepEqual(mail?.source, {
    kind: "first",
    sources: [
      {
        name: "primary",
        source: {
          kind: "zookeeper",
          hosts: ["zk-new1.example.net:2181", "zk-new2.example.net:2181"],
          path: "/nerve/services/mail",
          decode: { kind: "nerve" },
        },
        labelFilters: [{ label: "az", value: "eu-1a", isEqual: true }],
      },
      {
        name: "old",
        source: {
          kind: "zookeeper",
          hosts: ["zk-old.example.net:2181"],
          path: "/nerve/services/mail",
          decode: { kind: "nerve" },
        },
        labelFilters: [],
      },
    ],
  });
  assert.deepEqual(jobs?.source, {
    kind: "union",
    sources: [
      {
        name: "aurora",
        source: {
          kind: "zookeeper",
          hosts: ["zk-new1.example.net:2181"],
          path: "/aurora/batch/prod/jobs",
          decode: { kind: "serverset", endpoint: "http" },
        },
        labelFilters: [],
      },
      { name: "fixed", source: { kind: "none" }, labelFilters: [] },
    ],
  });
  assert.equal(jobs?.rules.keepsDefaults, true);
});

test("services that have files of their own", async () => {
  const { services } = await settingsOf("service-files.json");
  assert.deepEqual(
    services.map(({ name, source }) => [name, source]),
    [
      ["chat", { kind: "none" }],
      ["tokens", { kind: "etcd", hosts: ["127.0.0.1:4001"], path: "/services/tokens" }],
    ],
  );
});
