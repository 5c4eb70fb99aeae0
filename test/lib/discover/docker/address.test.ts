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

  [labelled, "-p 8000:80 -l ip=10.9.0.1 web", "10.9.0.1:8000"],
  [labelled, "-p 8000:80 -l ip=10.9.0.1/24 web", "10.9.0.1:8000"],
  [labelled, "-p 8000:80 -l ip= web", "192.168.1.102:8000"],
  [labelled, "-p 8000:80 web", "192.168.1.102:8000"],
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
  const nowhere = { ...host, hostAddress: undefined };
  const { found: all, quarantined } = foundIn(container, {}, nowhere);
  assert.deepEqual(
    all.map(({ instance }) => instance.host),
    ["10.0.0.5"],
  );
  assert.match(quarantined[0]?.why ?? "", /no reachable address of this host was found: set ip/);
});
