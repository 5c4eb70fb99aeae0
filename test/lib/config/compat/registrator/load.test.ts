import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGoFlags } from "../../../../../lib/config/compat/go-flags.ts";
import { readRegistrator } from "../../../../../lib/config/compat/registrator/load.ts";
import { options } from "../../../../../lib/config/compat/registrator/options.ts";
import { instancesOf } from "../../../../../lib/discover/docker/instances.ts";
import { encode } from "../../../../../lib/model/encode.ts";
import { dockerRun } from "../../../discover/docker/docker-run.ts";

const etcd = "etcd://10.0.0.1:2379/services";

function read(line: string, dockerHost?: string) {
  const flags = parseGoFlags(line.split(" ").filter(Boolean), options);
  return readRegistrator(flags, { dockerHost, hostName: "host1" });
}

function planned(line: string, dockerHost?: string) {
  const result = read(line, dockerHost);
  assert.ok("plan" in result, JSON.stringify(result));
  const { keyspace, presence } = result.plan;
  assert.ok(presence?.docker);
  return { ...result, keyspace, presence, docker: presence.docker };
}

function problemsOf(line: string, dockerHost?: string) {
  const result = read(line, dockerHost);
  return "problems" in result ? result.problems : [];
}

test("without options, published ports are registered in etcd with their address", () => {
  const { keyspace, presence, docker, warnings } = planned(etcd);
  assert.equal(keyspace.url, "etcd://10.0.0.1:2379");
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    { ...presence, docker: undefined },
    {
      ...{ ttlMs: 10_000, drainDelayMs: 1000, shutdownTimeoutMs: 10_000 },
      ...{ prefix: "/services", format: "address", name: "host1", services: [] },
      docker: undefined,
    },
  );
  assert.deepEqual(docker, {
    ...{ socket: "/tmp/docker.sock", ids: "container", address: "published" },
    ...{ loopback: false, commands: false, explicit: false, tags: [] },
  });
});

test("each option has its effect", () => {
  for (const [line, expected] of [
    ["-ip 10.0.0.9", { ip: "10.0.0.9", address: "host" }],
    ["-ip=10.0.0.9 -internal", { ip: "10.0.0.9", address: "container" }],
    ["-internal", { address: "container" }],
    ["-internal=false", { address: "published" }],
    ["--explicit", { explicit: true }],
    ["-useIpFromLabel net.ip", { useIpFromLabel: "net.ip" }],
    ["-tags blue,eu", { tags: ["blue", "eu"] }],
  ] as const) {
    const { docker } = planned(`${line} ${etcd}`);
    const settings = Object.entries(docker).filter(([key]) => Object.hasOwn(expected, key));
    assert.deepEqual(Object.fromEntries(settings), expected, line);
  }
  assert.equal(planned(`-ttl 30 -ttl-refresh 10 ${etcd}`).presence.ttlMs, 30_000);
  const noop = "-cleanup -resync 60 -deregister always -retry-attempts -1 -retry-interval 2000";
  assert.deepEqual(planned(`${noop} ${etcd}`), planned(etcd));
  assert.match(
    planned(`-deregister on-success ${etcd}`).warnings[0] ?? "",
    /^-deregister on-success has no effect/,
  );
  assert.equal(planned(etcd, "unix:///run/d.sock").docker.socket, "/run/d.sock");
});

test("the URL decides about keyspace, folder, keys and values", () => {
  const settings = (url: string) => {
    const { keyspace, presence, docker } = planned(url);
    return [keyspace.url, presence.prefix, presence.format, docker.ids];
  };
  assert.deepEqual(settings("etcd://h:1"), ["etcd://h:1", "", "address", "container"]);
  assert.deepEqual(settings("etcd:///a/b/"), [
    "etcd://127.0.0.1:2379",
    "/a/b",
    "address",
    "container",
  ]);
  assert.deepEqual(settings("zookeeper://zk/base"), [
    "zk://zk:2181",
    "/base",
    "registrator",
    "address",
  ]);
});

for (const [line, problem] of [
  ["", "the URL of the registry is missing"],
  [`${etcd} more`, "there are further arguments: more"],
  ["consul://c:8500", "consul://c:8500: sidekick writes to no Consul"],
  ["consulkv://c:8500/x", "consulkv://c:8500/x: sidekick writes to no Consul"],
  ["skydns2://e:2379/d", "skydns2://e:2379/d: sidekick writes no records for SkyDNS"],
  ["http://e:2379", "http://e:2379: expected the URL of a registry"],
  [`-ttl 30 ${etcd}`, "-ttl and -ttl-refresh belong together"],
  [`-ttl 10 -ttl-refresh 10 ${etcd}`, "-ttl has to be greater than -ttl-refresh"],
  [`-ttl x -ttl-refresh 3 ${etcd}`, "the option -ttl is x: expected a whole number"],
  [`-retry-interval 0 ${etcd}`, "-retry-interval has to be greater than 0"],
  [`-deregister never ${etcd}`, "the option -deregister is never: expected always or on-success"],
  [`-tags {{.X}} ${etcd}`, "-tags is a template: expected tags with commas between them"],
  [`-ip a/b ${etcd}`, "the option -ip is a/b: expected an address"],
  [`-frobnicate ${etcd}`, "there is no option -frobnicate"],
] as const) {
  test(`refused: registrator ${line}`, () => {
    assert.ok(problemsOf(line)[0]?.startsWith(problem), problemsOf(line).join());
  });
}

test("an engine that is no socket is refused", () => {
  assert.deepEqual(problemsOf(etcd, "tcp://10.0.0.1:2375"), [
    "DOCKER_HOST is tcp://10.0.0.1:2375: expected a socket, such as unix:///var/run/docker.sock",
  ]);
});

/** The keys and values of a container on a host with the address 192.168.1.102. */
function entriesOf(line: string, run: string) {
  const { presence, docker } = planned(line);
  const host = {
    hostName: "host1",
    hostAddresses: { ipv4: "192.168.1.102" },
    readCheck: () => assert.fail("there is no check"),
  };
  const parts = [...instancesOf({ ...dockerRun(run), hostName: "c0ffee" }, docker, host)];
  const found = parts.flatMap((part) => part.found);
  return found.map(({ instance }) => [
    `${presence.prefix}/${instance.service}/${instance.id}`,
    encode(instance, presence.format),
  ]);
}

const run =
  "-d --name redis.0 -p 10000:6379 -e SERVICE_NAME=db -e SERVICE_TAGS=master,backups -e SERVICE_REGION=us2 -l SERVICE_NOTE=a&b redis";

test("etcd has the address at the folder of the service, as registrator writes it", () => {
  assert.deepEqual(entriesOf(etcd, run), [
    ["/services/db/host1:redis.0:6379", "192.168.1.102:10000"],
  ]);
});

test("ZooKeeper has registrator's JSON at the address, byte for byte", () => {
  assert.deepEqual(entriesOf("zookeeper://zk/base", run), [
    [
      "/base/db/192.168.1.102:10000",
      '{"Name":"db","IP":"192.168.1.102","PublicPort":10000,"PrivatePort":6379,"ContainerID":"c0ffee","Tags":["master","backups"],"Attrs":{"note":"a\\u0026b","region":"us2"}}',
    ],
  ]);
  assert.deepEqual(entriesOf("zookeeper://zk", "-p 80:80 web"), [
    [
      "/web/192.168.1.102:80",
      '{"Name":"web","IP":"192.168.1.102","PublicPort":80,"PrivatePort":80,"ContainerID":"c0ffee","Tags":[],"Attrs":{}}',
    ],
  ]);
});
