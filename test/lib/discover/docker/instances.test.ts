import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../../lib/model/decode.ts";
import { encode } from "../../../../lib/model/encode.ts";
import { dockerRun, found, foundIn, host } from "./docker-run.ts";

type Case = readonly [options: string, ...expected: readonly object[]];

const basic = { id: "hostname:it:80", host: "192.168.1.102", port: 8000, name: "it" };
const web = { service: "web", ...basic };
const at = (port: number, published: number) => ({
  ...basic,
  id: `hostname:it:${port}`,
  port: published,
});

/** The instances of each container: one for each object. */
const cases: readonly Case[] = [
  ["-p 8000:80 web", web],
  ["-p 8000:80 shop/web", web],
  ["-p 8000:80 registry:5000/shop/web:1.2", web],
  ["-p 8000:80 registry/web:1.2@sha256:0123456789ab", web],
  ["web"],
  ["--expose 80 web"],
  [
    "-p 8000:80 -p 4443:443 web",
    { ...web, service: "web-80" },
    { ...at(443, 4443), service: "web-443" },
  ],
  ["-p 8000:80 --expose 443 web", web],

  ["-p 8000:80 -l SERVICE_NAME=shop web", { ...web, service: "shop" }],
  ["-p 8000:80 -e SERVICE_NAME=shop web", { ...web, service: "shop" }],
  ["-p 8000:80 -l sidekick.name=shop web", { ...web, service: "shop" }],
  ["-p 8000:80 -l SERVICE_80_NAME=shop web", { ...web, service: "shop" }],
  ["-p 8000:80 -l sidekick.80.name=shop web", { ...web, service: "shop" }],
  ["-p 8000:80 -l SERVICE_81_NAME=shop web", web],
  ["-p 8000:80 -l SERVICE_NAME= web", web],
  ["-p 8000:80 -e sidekick.name=shop web", web],
  [
    "-p 8000:80 -p 4443:443 -l SERVICE_NAME=shop -l SERVICE_443_NAME=secure web",
    { ...web, service: "shop-80" },
    { ...at(443, 4443), service: "secure" },
  ],

  ["-p 8000:80 -l SERVICE_NAME=a -e SERVICE_NAME=b web", { ...web, service: "b" }],
  ["-p 8000:80 -e SERVICE_NAME=a -l SERVICE_80_NAME=b web", { ...web, service: "b" }],
  ["-p 8000:80 -e SERVICE_80_NAME=a -l sidekick.name=b web", { ...web, service: "b" }],
  ["-p 8000:80 -l sidekick.name=a -l sidekick.80.name=b web", { ...web, service: "b" }],
  ["-p 8000:80 -l sidekick.80/tcp.name=b -l sidekick.80.name=a web", { ...web, service: "b" }],
  ["-p 8000:80 -l sidekick.80/udp.name=b web", web],

  ["-p 8000:80 -l SERVICE_ID=one web", { ...web, id: "one" }],
  ["-p 8000:80 -l SERVICE_80_ID=one web", { ...web, id: "one" }],
  ["-p 8000:80 -l sidekick.id=one web", { ...web, id: "one" }],
  ["--name web-7 -p 8000:80 web", { ...web, id: "hostname:web-7:80", name: "web-7" }],

  ["-p 8000:80 -l SERVICE_IGNORE=true web"],
  ["-p 8000:80 -l SERVICE_IGNORE=please web"],
  ["-p 8000:80 -e SERVICE_IGNORE=1 web"],
  ["-p 8000:80 -l sidekick.ignore=true web"],
  ["-p 8000:80 -l SERVICE_IGNORE= web", web],
  ["-p 8000:80 -l SERVICE_IGNORE=false web", web],
  ["-p 8000:80 -l SERVICE_IGNORE=true -l sidekick.ignore=false web", web],
  ["-p 8000:80 -p 4443:443 -l SERVICE_443_IGNORE=true web", { ...web, service: "web-80" }],

  ["-p 8000:80 -l SERVICE_TAGS=a,b web", { ...web, labels: { tags: "a,b" } }],
  ["-p 8000:80 -l SERVICE_TAGS=,a,,b, web", { ...web, labels: { tags: "a,b" } }],
  ["-p 8000:80 -l SERVICE_80_TAGS=a -l SERVICE_TAGS=b web", { ...web, labels: { tags: "a" } }],
  ["-p 8000:80 -l sidekick.tags=a web", { ...web, labels: { tags: "a" } }],
  ["-p 8000:80 -l SERVICE_TAGS=a -l sidekick.tags= web", web],

  ["-p 8000:80 -l SERVICE_WEIGHT=0 web", { ...web, weight: 0 }],
  ["-p 8000:80 -l sidekick.80.weight=256 web", { ...web, weight: 256 }],

  ["-p 8000:80 -l SERVICE_REGION=eu web", { ...web, labels: { region: "eu" } }],
  ["-p 8000:80 -e SERVICE_80_Region=eu web", { ...web, labels: { region: "eu" } }],
  ["-p 8000:80 -l SERVICE_443_REGION=eu web", web],
  ["-p 8000:80 -l SERVICE_80=x web", { ...web, labels: { "80": "x" } }],
  ["-p 8000:80 -l SERVICE_=x -l SERVICE=x -l MY_SERVICE_NAME=x -l sidekick=x web", web],
  ["-p 8000:80 -l sidekick.rackId=7 web", { ...web, labels: { rackId: "7" } }],
  ["-p 8000:80 -l sidekick.app.version=2 web", { ...web, labels: { "app.version": "2" } }],
  ["-p 8000:80 -l SERVICE_ZONE=a -l sidekick.zone=b web", { ...web, labels: { zone: "b" } }],
  ["-p 8000:80 -l SERVICE_B=2 -e SERVICE_A= web", { ...web, labels: { a: "", b: "2" } }],

  [
    "-p 5300:53 -p 5300:53/udp dns",
    { ...basic, service: "dns-53", id: "hostname:it:53", port: 5300 },
    {
      ...basic,
      service: "dns-53",
      id: "hostname:it:53:udp",
      port: 5300,
      labels: { tags: "udp" },
    },
  ],
  [
    "-p 5300:53/udp -l SERVICE_53_UDP_NAME=dns -l SERVICE_TAGS=a web",
    { ...at(53, 5300), id: "hostname:it:53:udp", service: "dns", labels: { tags: "a,udp" } },
  ],
];

for (const [options, ...expected] of cases) {
  test(`docker run ${options}`, () => {
    const { found: all, quarantined } = found(options);
    assert.deepEqual(quarantined, []);
    assert.deepEqual(
      all.map(({ instance }) => instance),
      expected,
    );
    for (const { instance, standing } of all) {
      assert.deepEqual(standing, { state: "up" });
      const entry = { key: "/k", value: encode(instance, "json"), revision: "1" };
      assert.ok("endpoint" in decode(instance, entry), "readers accept the entry");
    }
  });
}

/** Invalid options, and the reason. */
const invalid: readonly (readonly [options: string, why: string])[] = [
  [
    '-l "SERVICE_NAME=my shop" web',
    'SERVICE_NAME is "my shop": expected at most 200 letters, digits and _ . : -',
  ],
  [
    "-e SERVICE_80_NAME=a/b web",
    'SERVICE_80_NAME is "a/b": expected at most 200 letters, digits and _ . : -',
  ],
  [
    "-l sidekick.id=a/b web",
    'sidekick.id is "a/b": expected no space, slash, quote or control character, nor \\ ; { } # $ %',
  ],
  ["-l SERVICE_WEIGHT=257 web", 'SERVICE_WEIGHT is "257": expected 0 to 256'],
  ["-l sidekick.weight=heavy web", 'sidekick.weight is "heavy": expected 0 to 256'],
  [
    "-l SERVICE_TAGS=a;b web",
    'SERVICE_TAGS is "a;b": expected text without control characters and "\'`\\;{}#$%',
  ],
  [
    "-l sidekick.zone={a} web",
    'sidekick.zone is "{a}": expected text without control characters and "\'`\\;{}#$%',
  ],
  [
    "-l sidekick.a#b=c web",
    'sidekick.a#b is "c": expected text without control characters and "\'`\\;{}#$%',
  ],
  ["", "its image has no name: expected a label such as sidekick.name"],
  [
    "-l SERVICE_WEIGHT=a -l SERVICE_ID=a/b web",
    'SERVICE_ID is "a/b": expected no space, slash, quote or control character, nor \\ ; { } # $ %; ' +
      'SERVICE_WEIGHT is "a": expected 0 to 256',
  ],
];

for (const [options, why] of invalid) {
  test(`quarantined: docker run ${options || "an image without a name"}`, () => {
    const { found: all, quarantined } = found(`-p 8000:80 ${options}`);
    assert.deepEqual(all, []);
    assert.deepEqual(quarantined, [{ what: "container it, port 80/tcp", why }]);
  });
}

test("an invalid label of one port does not affect other ports", () => {
  const { found: all, quarantined } = found("-p 8000:80 -p 4443:443 -l SERVICE_443_WEIGHT=a web");
  assert.deepEqual(
    all.map(({ instance }) => instance.id),
    ["hostname:it:80"],
  );
  assert.deepEqual(
    quarantined.map(({ what }) => what),
    ["container it, port 443/tcp"],
  );
});

test("an invalid variable of the environment is dropped without its value, and the port is registered", () => {
  const { found: all, quarantined } = found('-p 8000:80 -e "SERVICE_PASSWORD=$ecret;" web');
  assert.deepEqual(
    all.map(({ instance }) => instance),
    [web],
  );
  assert.equal(quarantined.length, 1);
  assert.equal(quarantined[0]?.what, "label SERVICE_PASSWORD of container it");
  assert.match(quarantined[0]?.why ?? "", /^expected text without control characters/);
  assert.doesNotMatch(JSON.stringify(quarantined), /ecret/);
});

test("an invalid variable is quarantined once, and not the ports of its container", () => {
  const { found: all, quarantined } = found('-p 8000:80 -p 4443:443 -e SERVICE_J={"a":1} web');
  assert.deepEqual(
    all.map(({ instance }) => instance.port),
    [8000, 4443],
  );
  assert.deepEqual(
    quarantined.map(({ what }) => what),
    ["label SERVICE_J of container it"],
  );
});

test("a port with an invalid label is quarantined, and beside it the variable that is dropped anyway", () => {
  const { quarantined } = found("-p 8000:80 -l SERVICE_WEIGHT=a -e SERVICE_J={} web");
  assert.deepEqual(
    quarantined.map(({ what }) => what),
    ["container it, port 80/tcp", "label SERVICE_J of container it"],
  );
});

test("explicit: only ports with a name of their own are found", () => {
  const explicit = { explicit: true };
  assert.deepEqual(found("-p 8000:80 web", explicit), { found: [], quarantined: [] });
  assert.deepEqual(found("-p 8000:80 -l SERVICE_WEIGHT=a web", explicit).quarantined, []);
  const two = found("-p 8000:80 -p 4443:443 -l sidekick.443.name=secure web", explicit);
  assert.deepEqual(
    two.found.map(({ instance }) => instance.service),
    ["secure"],
  );
});

test("the tags of the settings follow the tags of the container", () => {
  const tags = ["blue", "v1"];
  const [own] = found("-p 5300:53/udp -l SERVICE_TAGS=a dns", { tags }).found;
  assert.deepEqual(own?.instance.labels, { tags: "a,blue,v1,udp" });
  const [none] = found("-p 8000:80 web", { tags }).found;
  assert.deepEqual(none?.instance.labels, { tags: "blue,v1" });
});

test("a host name that is not valid in an id is reported", () => {
  const container = dockerRun("-p 8000:80 web");
  const { quarantined } = foundIn(
    container,
    {},
    {
      ...host,
      hostName: "my host",
    },
  );
  assert.match(quarantined[0]?.why ?? "", /^its id would be "my host:it:80": expected no space/);
});

test("a container that has exited or is restarting has no instances", () => {
  for (const state of ["ended", "restarting"] as const) {
    const container = dockerRun("-p 8000:80 -l SERVICE_WEIGHT=a web", { state });
    assert.deepEqual(foundIn(container), {
      found: [],
      quarantined: [],
    });
  }
});
