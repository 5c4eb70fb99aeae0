import assert from "node:assert/strict";
import { test } from "node:test";
import { dockerRun, found, foundIn, host } from "./docker-run.ts";

type Case = readonly [settings: object, options: string, ...addresses: readonly string[]];

const own = { address: "container" };
const hosts = { address: "host" };
const net = { address: "container", network: "front" };
const labelled = { useIpFromLabel: "ip" };

const cases: readonly Case[] = [
  [{}, "-p 8000:80 web", "192.168.1.102:8000"],
  [{}, "-p 0.0.0.0:8000:80 web", "192.168.1.102:8000"],
  [{}, "-p 10.0.0.5:8000:80 web", "10.0.0.5:8000"],
  [{}, "-p [fd00::5]:8000:80 web", "fd00::5:8000"],
  [{}, "-p 127.0.0.1:8000:80 web"],
  [{}, "-p [::1]:8000:80 web"],
  [{}, "-p 127.0.0.1:8000:80 -p 9000:80 web", "192.168.1.102:9000"],
  [{}, "-p 8000:80 -p 9000:80 web", "192.168.1.102:8000"],
  [{ loopback: true }, "-p 127.0.0.1:8000:80 web", "127.0.0.1:8000"],
  [{ loopback: true }, "-p [::1]:8000:80 web", "::1:8000"],
  [{}, "--expose 80 web"],
  [{}, "--net=host -p 80:80 web", "192.168.1.102:80"],
  [{}, "--net=host --expose 80 web", "192.168.1.102:80"],
  [
    {},
    "--net=host -l SERVICE_80_NAME=a -l sidekick.81.name=b web",
    "192.168.1.102:80",
    "192.168.1.102:81",
  ],
  [{}, "--net=host -l SERVICE_NAME=a -l SERVICE_0_NAME=b -l SERVICE_70000_NAME=c web"],
  [{}, "--net=host -p 80:80 -l SERVICE_81_NAME=a web", "192.168.1.102:80"],
  [{}, "--net=host -p 80:80 -l sidekick.81.name=a web", "192.168.1.102:80", "192.168.1.102:81"],
  [{}, "--net=host -p 80:80 -l sidekick.80.name=a web", "192.168.1.102:80"],
  [{}, "-l SERVICE_80_NAME=a -l sidekick.80.name=a web"],

  // The binding of the family of the advertised address is chosen.
  [{}, "-p [::]:49154:80 -p 0.0.0.0:49153:80 web", "192.168.1.102:49153"],
  [{ ip: "fd99::1" }, "-p 0.0.0.0:49153:80 -p [::]:49154:80 web", "fd99::1:49154"],
  [{ ip: "fd99::1" }, "-p 8000:80 web", "fd99::1:8000"],
  [{ ip: "fd99::1" }, "-p [::]:8000:80 web", "fd99::1:8000"],
  [{ ip: "fd99::1" }, "-p 10.0.0.5:8000:80 web", "10.0.0.5:8000"],
  [{ ip: "host.example" }, "-p [::]:49154:80 -p 0.0.0.0:49153:80 web", "host.example:49153"],
  [{ ip: "host.example" }, "-p [::]:8000:80 web", "host.example:8000"],
  [{ ...hosts, ip: "fd99::1" }, "-p 10.0.0.5:8000:80 -p [fd00::5]:9000:80 web", "fd99::1:9000"],

  [hosts, "-p 8000:80 web", "192.168.1.102:8000"],
  [hosts, "-p 10.0.0.5:8000:80 web", "192.168.1.102:8000"],
  [hosts, "-p 127.0.0.1:8000:80 web"],
  [hosts, "--net=host -p 80:80 web", "192.168.1.102:80"],

  [own, "--in bridge=172.17.0.2 --expose 80 web", "172.17.0.2:80"],
  [own, "--in bridge=172.17.0.2 -p 8000:80 web", "172.17.0.2:80"],
  [own, "--in bridge=fd00::2 --expose 80 web", "fd00::2:80"],
  [own, "--in bridge=172.17.0.2 --expose 80 --expose 443 web", "172.17.0.2:80", "172.17.0.2:443"],
  [own, "--in bridge=172.17.0.2 -l sidekick.80.name=a web", "172.17.0.2:80"],
  [own, "--net=host -p 80:80 web", "192.168.1.102:80"],
  [net, "--in back=10.1.0.2 --in front=10.2.0.2 --expose 80 web", "10.2.0.2:80"],
  // Of several networks the one with which it was created counts.
  [own, "--net back --in back=10.1.0.2 --in front=10.2.0.2 --expose 80 web", "10.1.0.2:80"],
  [net, "--net back --in back=10.1.0.2 --in front=10.2.0.2 --expose 80 web", "10.2.0.2:80"],

  [labelled, "-p 8000:80 -l ip=10.9.0.1 web", "10.9.0.1:8000"],
  [labelled, "-p 8000:80 -l ip=10.9.0.1/24 web", "10.9.0.1:8000"],
  [labelled, "-p 8000:80 -l ip= web", "192.168.1.102:8000"],
  [labelled, "-p 8000:80 web", "192.168.1.102:8000"],
  [labelled, "-p 0.0.0.0:8000:80 -p [::]:9000:80 -l ip=fd00::9 web", "fd00::9:9000"],
  [{ ...own, ...labelled }, "--expose 80 -l ip=10.9.0.1 web", "10.9.0.1:80"],
];

for (const [settings, options, ...addresses] of cases) {
  test(`${JSON.stringify(settings)}: docker run ${options}`, () => {
    const { found: all, quarantined } = found(options, settings);
    assert.deepEqual(quarantined, []);
    const advertised = all.map(({ instance }) => `${instance.host}:${instance.port}`);
    assert.deepEqual(advertised, addresses);
  });
}

const invalid: readonly (readonly [settings: object, options: string, why: string])[] = [
  [
    labelled,
    "-p 8000:80 -l ip=here/there web",
    'ip is "here/there": expected a host name or an IP address',
  ],
  [
    {},
    "-p [::]:8000:80 web",
    "it is published at IPv6 addresses only, and the advertised address is 192.168.1.102",
  ],
  [
    { ip: "fd99::1" },
    "-p 0.0.0.0:8000:80 web",
    "it is published at IPv4 addresses only, and the advertised address is fd99::1",
  ],
  [
    { ...hosts, ip: "fd99::1" },
    "-p 10.0.0.5:8000:80 web",
    "it is published at IPv4 addresses only, and the advertised address is fd99::1",
  ],
  [
    labelled,
    "-p [::]:8000:80 -l ip=10.9.0.1 web",
    "it is published at IPv6 addresses only, and the advertised address is 10.9.0.1",
  ],
  [own, "--expose 80 web", "it has no address in any network"],
  [
    own,
    "--in a=10.1.0.2 --in b=10.2.0.2 --expose 80 web",
    "it is in the networks a, b: set network to one of them",
  ],
  [
    net,
    "--in back=10.1.0.2 --expose 80 web",
    "it has no address in the network front, only in back",
  ],
];

for (const [settings, options, why] of invalid) {
  test(`${JSON.stringify(settings)}: docker run ${options} is quarantined`, () => {
    const { found: all, quarantined } = found(options, settings);
    assert.deepEqual(all, []);
    assert.deepEqual(quarantined, [{ what: "container it, port 80/tcp", why }]);
  });
}

test("an unknown address of the host is reported", () => {
  const container = dockerRun("-p 8000:80 -p 10.0.0.5:4443:443 web");
  const nowhere = { ...host, hostAddresses: {} };
  const { found: all, quarantined } = foundIn(container, {}, nowhere);
  assert.deepEqual(
    all.map(({ instance }) => instance.host),
    ["10.0.0.5"],
  );
  assert.match(quarantined[0]?.why ?? "", /no reachable address of this host was found: set ip/);
});

test("a port that is published for one family is advertised at the address of the host in that family", () => {
  const both = { ...host, hostAddresses: { ipv4: "192.168.1.102", ipv6: "fd00::102" } };
  const options = "-p [::]:8001:81 -p 0.0.0.0:8002:82 -p 8003:83 web";
  const { found: all } = foundIn(dockerRun(options), {}, both);
  assert.deepEqual(
    all.map(({ instance }) => `${instance.host}:${instance.port}`),
    ["fd00::102:8001", "192.168.1.102:8002", "192.168.1.102:8003"],
  );
});
