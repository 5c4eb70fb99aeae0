import assert from "node:assert/strict";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import type { ProgramStanding } from "../../../lib/discover/program.ts";
import { createStatic, instanceOf, serviceSchema } from "../../../lib/discover/static.ts";
import { decode } from "../../../lib/model/decode.ts";
import { encode } from "../../../lib/model/encode.ts";

const web = { name: "web", host: "10.10.2.3", port: 8810 };

test("a service in the configuration is converted to an instance", () => {
  assert.deepEqual(instanceOf(serviceSchema.parse(web)), {
    service: "web",
    id: "10.10.2.3:8810",
    host: "10.10.2.3",
    port: 8810,
  });
  const full = {
    ...web,
    id: "web-1",
    instance: "node 1",
    weight: 0,
    labels: { zone: "a", rack: 7, spare: false },
  };
  assert.deepEqual(instanceOf(serviceSchema.parse(full)), {
    service: "web",
    id: "web-1",
    host: "10.10.2.3",
    port: 8810,
    name: "node 1",
    weight: 0,
    labels: { zone: "a", rack: "7", spare: "false" },
  });
});

test("the id of an IPv6 address has brackets", () => {
  assert.equal(instanceOf(serviceSchema.parse({ ...web, host: "fd00::1" })).id, "[fd00::1]:8810");
});

const accepted: readonly object[] = [
  {},
  { name: "a.b_c:d-1" },
  { host: "fd00::1" },
  { host: "node_1.example" },
  { id: "10.0.0.1:web:80" },
  { id: "ünï(1)" },
  { instance: "the first one, in Zürich" },
  { weight: 256, labels: { "a b": "c/d=e", empty: "" } },
];

for (const change of accepted) {
  test(`readers accept the entry of ${JSON.stringify(change)}`, () => {
    const instance = instanceOf(serviceSchema.parse({ ...web, ...change }));
    const entry = { key: "/k", value: encode(instance, "json"), revision: "1" };
    const decoded = decode(instance, entry);
    assert.ok("endpoint" in decoded, JSON.stringify(decoded));
    const { host, port, labels } = decoded.endpoint;
    assert.deepEqual({ host, port }, { host: instance.host, port: instance.port });
    assert.deepEqual({ ...labels }, { ...instance.labels });
  });
}

const rejected: readonly object[] = [
  { name: "" },
  { name: "a/b" },
  { name: ".." },
  { name: "web shop" },
  { host: "" },
  { host: "[::1]" },
  { host: ":" },
  { host: "fe80::1%eth0" },
  { host: "a b" },
  { port: 0 },
  { port: "80" },
  { port: 65_536 },
  { id: "" },
  { id: "a/b" },
  { id: "." },
  { id: "a b" },
  { id: 'a"' },
  { id: "a\nb" },
  { weight: -1 },
  { weight: 257 },
  { weight: 0.5 },
  { instance: "" },
  { instance: "a;b" },
  { labels: { zone: ["a"] } },
  { labels: { zone: "a\nb" } },
  { labels: { "{}": "a" } },
  { lables: {} },
];

for (const change of rejected) {
  test(`${JSON.stringify(change)} is rejected`, () => {
    assert.equal(serviceSchema.safeParse({ ...web, ...change }).success, false);
  });
}

const service = { ...web, checks: ["a check"] };

test("all instances are yielded at once, and nothing after that until the abort", async () => {
  const ending = new AbortController();
  const each = createStatic(new Cell([service, { ...service, port: 8811, checks: [] }]))
    .discover(ending.signal)
    [Symbol.asyncIterator]();
  const { value } = await each.next();
  const instance = { service: "web", id: "10.10.2.3:8810", host: "10.10.2.3", port: 8810 };
  const standing = { state: "up" };
  assert.deepEqual(value, {
    found: [
      { instance, checks: ["a check"], standing },
      { instance: { ...instance, id: "10.10.2.3:8811", port: 8811 }, checks: [], standing },
    ],
    quarantined: [],
  });
  const next = assert.rejects(each.next(), new Error("stop"));
  ending.abort(new Error("stop"));
  await next;
});

test("instances of a program are there once it is started, and have its standing from then on", async () => {
  const program = new Cell<ProgramStanding | undefined>(undefined);
  const ending = new AbortController();
  const each = createStatic(new Cell([service]), program)
    .discover(ending.signal)
    [Symbol.asyncIterator]();
  const first = each.next();
  const up = { standing: { state: "up" }, run: "1" } as const;
  program.set(up);
  assert.partialDeepStrictEqual((await first).value, { found: [{ checks: ["a check"], ...up }] });
  const down = {
    standing: { state: "down", why: "app has ended: exit code 1" },
    run: "1",
  } as const;
  const second = each.next();
  program.set(down);
  assert.partialDeepStrictEqual((await second).value, { found: [down] });
  const third = assert.rejects(each.next(), new Error("stop"));
  ending.abort(new Error("stop"));
  await third;
});

test("an instance of a program that is about to be removed is draining while the program runs", async () => {
  const up = { standing: { state: "up" }, run: "1" } as const;
  const program = new Cell<ProgramStanding | undefined>(up);
  const services = new Cell<Parameters<typeof createStatic>[0]["value"]>([service]);
  const ending = new AbortController();
  const each = createStatic(services, program).discover(ending.signal)[Symbol.asyncIterator]();
  const standing = async () => (await each.next()).value?.found[0]?.standing;
  assert.deepEqual(await standing(), { state: "up" });
  const leaving = standing();
  services.set([{ ...service, leaving: "it is removed" }]);
  assert.deepEqual(await leaving, { state: "draining", why: "it is removed" });
  const ended = standing();
  program.set({ standing: { state: "down", why: "app has ended" }, run: "1" });
  assert.deepEqual(await ended, { state: "down", why: "app has ended" });
  const next = assert.rejects(each.next(), new Error("stop"));
  ending.abort(new Error("stop"));
  await next;
});

test("two instances with the same service and id are a fault that names them", () => {
  assert.throws(() => createStatic(new Cell([service, { ...service, weight: 2 }])), {
    code: "DISCOVER_DUPLICATE_INSTANCE",
    retry: false,
    message: /web .*10\.10\.2\.3:8810/,
  });
});
