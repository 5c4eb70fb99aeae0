import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../lib/model/decode.ts";
import { oneOf, seeded } from "../../support/random.ts";

const location = { service: "web", id: "web-1" };
const read = (value: string, id = location.id) =>
  decode({ ...location, id }, { key: `/services/web/${id}`, value, revision: "7" });

test("an entry is decoded with all of its fields", () => {
  const labels = { zone: "a", rack: 7, spare: true, row: null };
  const value = { host: "10.0.0.1", port: 80, name: "one", weight: 12, labels, more: "ignored" };
  const decoded = read(JSON.stringify(value));
  assert.ok("endpoint" in decoded);
  const { labels: read_, ...rest } = decoded.endpoint;
  assert.deepEqual(rest, {
    service: "web",
    id: "web-1",
    key: "/services/web/web-1",
    host: "10.0.0.1",
    port: 80,
    address: "10.0.0.1:80",
    server: "h10.0.0.1_80",
    name: "one",
    weight: 12,
    extras: { weight: "12" },
  });
  assert.deepEqual({ ...read_ }, { zone: "a", rack: "7", spare: "true" });
});

test("an entry keeps haproxy_server_options and a weight as text for generators, and has no extras otherwise", () => {
  const entry = (more: object) => read(JSON.stringify({ host: "a", port: "80", ...more }));
  const options = entry({ haproxy_server_options: "backup", weight: "1" });
  assert.ok("endpoint" in options);
  assert.deepEqual(options.endpoint.extras, { weight: "1", serverOptions: "backup" });
  const bare = entry({ name: "n", labels: { a: "b" }, haproxy_server_options: 7 });
  assert.ok("endpoint" in bare);
  assert.ok(!("extras" in bare.endpoint));
});

/** Values that omit something, decoded and formatted as `address name weight`. */
const good: readonly [what: string, value: string, expected: string][] = [
  ["an address", "10.0.0.1:80", "10.0.0.1:80 web-1 1"],
  ["an address with space around it", " a.example:80\n", "a.example:80 web-1 1"],
  ["JSON without optional fields", '{"host":"a","port":80}', "a:80 web-1 1"],
  ["a port as a string", '{"host":"a","port":"80"}', "a:80 web-1 1"],
  ["null for unset fields", '{"host":"a","port":1,"name":null,"weight":null}', "a:1 web-1 1"],
  ["null instead of labels", '{"host":"a","port":1,"labels":null}', "a:1 web-1 1"],
  ["an empty name", '{"host":"a","port":1,"name":""}', "a:1 web-1 1"],
  ["a name that is a number", '{"host":"a","port":1,"name":7}', "a:1 7 1"],
  ["a weight as a string", '{"host":"a","port":1,"weight":"0"}', "a:1 web-1 0"],
  ["JSON of several lines", '\n{\n  "host": "a",\n  "port": 1\n}\n', "a:1 web-1 1"],
];

for (const [what, value, expected] of good) {
  test(`${what} is decoded`, () => {
    const decoded = read(value);
    assert.ok("endpoint" in decoded, JSON.stringify(decoded));
    const { address, name, weight } = decoded.endpoint;
    assert.equal(`${address} ${name} ${weight}`, expected);
  });
}

test("a host is in lower case, and keeps its final dot", () => {
  const decoded = read('{"host":"Web.Example.","port":80}');
  assert.ok("endpoint" in decoded);
  const { host, address, server } = decoded.endpoint;
  assert.deepEqual([host, address], ["web.example.", "web.example.:80"]);
  assert.equal(server, "hweb.example._80");
});

const json = (more: object) => JSON.stringify({ host: "a", port: 80, ...more });

const bad: readonly [value: string, why: RegExp][] = [
  ["", /^it is empty: expected host:port, a URL or a JSON object$/],
  ["{oops", /^it is "\{oops": expected JSON$/],
  ["[1,2]", /^it is "\[1,2\]": expected host:port, a URL or a JSON object$/],
  ["7", /^it is "7": expected host:port/],
  ["null", /^it is "null": expected host:port/],
  ["\0\u0001\u0002", /^it is "\\u0000\\u0001\\u0002": expected host:port/],
  ["{}", /^it is "\{\}": expected one of the keys host, IP, serviceEndpoint, address, Addr$/],
  ['{"vector":[]}', /expected one of the keys/],
  [json({ host: null }), /^its host is missing: expected a host name or an IP address$/],
  [json({ host: "" }), /^its host is "": expected a host name/],
  [json({ host: "a b" }), /^its host is "a b"/],
  [json({ host: "a\nlisten pwn" }), /^its host is "a\\nlisten pwn"/],
  [json({ host: ":" }), /^its host is ":"/],
  [json({ host: "1:2" }), /^its host is "1:2"/],
  [json({ host: "[::1]" }), /^its host is "\[::1\]"/],
  ['{"host":"a"}', /^its port is missing: expected 1 to 65535$/],
  [json({ port: 0 }), /^its port is 0: expected 1 to 65535$/],
  [json({ port: "80; x" }), /^its port is "80; x"/],
  [json({ port: 80.5 }), /^its port is 80.5/],
  [json({ port: null }), /^its port is missing/],
  [json({ name: ["a"] }), /^its name is \["a"\]: expected text without control characters/],
  [json({ name: "a;b" }), /^its name is "a;b": expected text without .*;/],
  [json({ weight: 257 }), /^its weight is 257: expected 0 to 256$/],
  [json({ weight: -1 }), /^its weight is -1/],
  [json({ weight: "heavy" }), /^its weight is "heavy"/],
  [json({ labels: ["a"] }), /^its labels is \["a"\]: expected an object$/],
  [json({ labels: { a: { b: 1 } } }), /^its label "a" is \{"b":1\}: expected text/],
  [json({ labels: { a: "b\nc" } }), /^its label "a" is "b\\nc": expected text/],
  [json({ labels: { "a{": "b" } }), /^its label is "a\{": expected text/],
];

for (const [value, why] of bad) {
  test(`${value || "an empty value"} is invalid`, () => {
    const decoded = read(value);
    assert.ok("why" in decoded, JSON.stringify(decoded));
    assert.match(decoded.why, why);
  });
}

test("the reason is one short line, whatever the value", () => {
  const long = "z".repeat(1000);
  const values = [`x\n${long}`, json({ host: long }), json({ labels: { [long]: "\n" } })];
  for (const value of [...values, `{"${long}":1}`]) {
    const decoded = read(value);
    assert.ok("why" in decoded);
    assert.ok(decoded.why.length < 250, decoded.why);
    assert.equal(decoded.why.includes("\n"), false);
  }
});

test("labels cannot reach the prototype of objects", () => {
  for (const value of [
    '{"host":"a","port":80,"labels":{"__proto__":"x","constructor":"y"}}',
    '{"IP":"a","PublicPort":80,"Attrs":{"__proto__":"x","constructor":"y"}}',
  ]) {
    const decoded = read(value);
    assert.ok("endpoint" in decoded);
    assert.equal(Object.getPrototypeOf(decoded.endpoint.labels), null);
    assert.deepEqual(Object.keys(decoded.endpoint.labels), ["__proto__", "constructor"]);
  }
});

const encoded = Buffer.from('{"host":"10.0.0.1","port":80}').toString("base64url");
const id = `base64_${encoded.length}_${encoded}_0000000000`;

test("a name with an encoded value is decoded, whatever the entry has", () => {
  for (const value of [" \n", "10.0.0.2:80", "oops"]) {
    const decoded = read(value, id);
    assert.ok("endpoint" in decoded);
    assert.equal(decoded.endpoint.address, "10.0.0.1:80", value);
  }
});

test("a damaged value in the name does not replace that of the entry", () => {
  const decoded = read("10.0.0.2:80", id.replace("_0", "A_0"));
  assert.ok("endpoint" in decoded);
  assert.equal(decoded.endpoint.address, "10.0.0.2:80");
});

test("a name with an incorrect length of its encoded value is invalid", () => {
  const decoded = read("", id.replace("_0", "A_0"));
  assert.ok("why" in decoded);
  assert.match(decoded.why, /^its name's base64 is ".*": expected 39 characters, not 40$/);
});

test("different addresses have different server names, which any proxy accepts", () => {
  const values = [
    "1.1.1.1:80",
    "1.1.1.1:81",
    "a-1:80",
    "a_1:80",
    "[1::2]:80",
    "[1:2::]:80",
    "[::1:2]:80",
  ];
  const servers = values.map((value) => {
    const decoded = read(value);
    assert.ok("endpoint" in decoded);
    return decoded.endpoint.server;
  });
  assert.equal(new Set(servers).size, values.length);
  for (const server of servers) assert.match(server, /^h[A-Za-z0-9._-]+$/);
});

test("the reason does not quote what may be secret", () => {
  const secrets = [
    read("hunter2", "password"),
    read('{"host":"10.0.0.1","port":"hunter2"}', "api-key"),
    read('{"user":"bob","password":"hunter2"}'),
    read('{"password":"hunter2'),
    read('{"host":"10.0.0.1","port":80,"labels":{"token":"hunter2;"}}'),
    read("http://bob:hunter2@/"),
  ];
  for (const decoded of secrets) {
    assert.ok("why" in decoded);
    assert.doesNotMatch(decoded.why, /hunter2/);
  }
});

test("entries without labels, and with the same weight, share the objects for them", () => {
  const decoded = ["10.0.0.1", "10.0.0.2"].map((host) => {
    const key = `/services/web/${host}:80`;
    const value = JSON.stringify({ host, port: 80, weight: 7, labels: {} });
    return decode({ service: "web", id: `${host}:80` }, { key, value, revision: "1" });
  });
  const [first, second] = decoded.map((one) => ("endpoint" in one ? one.endpoint : undefined));
  assert.equal(first?.weight, 7);
  assert.equal(first?.labels, second?.labels);
  assert.equal(first?.extras, second?.extras);
  assert.ok(Object.isFrozen(first?.labels));
});

/** Members of the JSON of other programs, and of other formats of this one. */
const foreign: readonly (readonly [name: string, value: unknown])[] = [
  ["address", "10.9.9.9"],
  ["Addr", "10.9.9.9:99"],
  ["sslPort", 9999],
  ["payload", { metadata: { instance_status: "OUT_OF_SERVICE" } }],
  ["enabled", false],
  ["Metadata", { zone: "z" }],
  ["id", "u-1"],
  ["endpoints", ["PLAINTEXT://10.9.9.9:99"]],
  ["listener_security_protocol_map", { PLAINTEXT: "PLAINTEXT" }],
  ["version", "5"],
  ["__proto__", { host: "10.9.9.9", port: 99 }],
  ["rack", "r"],
];

/** Entries in the formats that have a value of their own, valid and not. */
const own: readonly Record<string, unknown>[] = [
  { host: "10.0.0.1", port: 80, name: "one", weight: 12, labels: { zone: "a" } },
  { host: "10.0.0.1", port: 0 },
  { host: null, port: null },
  { host: "10.0.0.1", port: 80, available: false },
  { IP: "10.0.0.1", PublicPort: 80, Name: "web", Tags: ["v1"], Attrs: { zone: "a" } },
  { IP: "x;", PublicPort: 80 },
  { serviceEndpoint: { host: "a", port: 1 }, status: "ALIVE", shard: 3 },
  { serviceEndpoint: { host: "a", port: 1 }, status: "STOPPING" },
];

test("members and names of other programs change nothing of an entry that has a format of its own", () => {
  const random = seeded(1);
  const names = ["10.0.0.1:8983_solr", "web-1", "0", "dubbo:20880"];
  for (let i = 0; i < 2000; i += 1) {
    const entry = own[i % own.length] ?? assert.fail();
    const more = foreign.filter(() => random() < 0.4);
    const members = [...Object.entries(entry), ...more];
    const mixed = JSON.stringify(Object.fromEntries(random() < 0.5 ? members : members.reverse()));
    const id = oneOf(names, random);
    assert.deepEqual(read(mixed, id), read(JSON.stringify(entry), id), mixed);
    assert.deepEqual(read("10.0.0.1:80", id), read("http://10.0.0.1/", id));
  }
});
