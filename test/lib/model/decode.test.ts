import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../lib/model/decode.ts";

const place = { service: "web", id: "web-1" };
const read = (value: string) => decode(place, { key: "/services/web/web-1", value, revision: "7" });

test("Nerve's JSON is an endpoint with all that it says", () => {
  const labels = { zone: "a", rack: 7, spare: true };
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
  });
  assert.deepEqual({ ...read_ }, { zone: "a", rack: "7", spare: "true" });
});

/** Values of all formats; what they say in the form `address name weight`. */
const good: readonly [what: string, value: string, says: string][] = [
  ["an address", "10.0.0.1:80", "10.0.0.1:80 web-1 1"],
  ["an address with space around it", " a.example:80\n", "a.example:80 web-1 1"],
  ["registrator's IPv6 in etcd", "[fd00::1]:80", "[fd00::1]:80 web-1 1"],
  ["a URL", "http://10.0.0.1:8080/path", "10.0.0.1:8080 web-1 1"],
  ["a URL without a port", "https://web.example", "web.example:443 web-1 1"],
  ["a URL with IPv6", "http://[::1]/", "[::1]:80 web-1 1"],
  ["a URL of another scheme", "tcp://10.0.0.1:5432", "10.0.0.1:5432 web-1 1"],
  ["JSON without more", '{"host":"a","port":80}', "a:80 web-1 1"],
  ["a port in digits", '{"host":"a","port":"80"}', "a:80 web-1 1"],
  [
    "null where Nerve knows nothing",
    '{"host":"a","port":1,"name":null,"weight":null}',
    "a:1 web-1 1",
  ],
  ["an empty name", '{"host":"a","port":1,"name":""}', "a:1 web-1 1"],
  ["a weight in digits", '{"host":"a","port":1,"weight":"0"}', "a:1 web-1 0"],
  [
    "registrator's JSON in ZooKeeper",
    '{"Name":"web","IP":"10.0.0.1","PublicPort":32768,"PrivatePort":"80","Tags":[]}',
    "10.0.0.1:32768 web 1",
  ],
  [
    "a serverset member",
    '{"serviceEndpoint":{"host":"a","port":80},"additionalEndpoints":{},"status":"ALIVE","shard":0}',
    "a:80 web-1 1",
  ],
];

for (const [what, value, says] of good) {
  test(`${what} is read`, () => {
    const decoded = read(value);
    assert.ok("endpoint" in decoded, JSON.stringify(decoded));
    const { address, name, weight } = decoded.endpoint;
    assert.equal(`${address} ${name} ${weight}`, says);
  });
}

const json = (more: object) => JSON.stringify({ host: "a", port: 80, ...more });

const bad: readonly [value: string, why: RegExp][] = [
  ["", /^"" is neither/],
  ["{oops", /neither host:port nor JSON/],
  ["[1,2]", /neither/],
  ["7", /neither/],
  ["null", /neither/],
  ["10.0.0.1", /neither/],
  ["ftp://a", /neither/],
  ["{}", /^nothing is not a host name/],
  [json({ host: null }), /^null is not a host name/],
  [json({ host: "" }), /not a host name/],
  [json({ host: "a b" }), /not a host name/],
  [json({ host: "a\nlisten pwn" }), /^"a\\nlisten pwn" is not a host name/],
  [json({ host: ":" }), /not a host name/],
  [json({ host: "1:2" }), /not a host name/],
  [json({ host: "[::1]" }), /not a host name/],
  [json({ port: 0 }), /^0 is not a port/],
  [json({ port: "80; x" }), /not a port/],
  [json({ port: 80.5 }), /not a port/],
  [json({ port: null }), /^null is not a port/],
  [json({ name: 7 }), /the name 7 is not text/],
  [json({ name: "a;b" }), /the name "a;b" cannot be quoted/],
  [json({ weight: 257 }), /the weight 257/],
  [json({ weight: -1 }), /the weight -1/],
  [json({ weight: "heavy" }), /the weight "heavy"/],
  [json({ labels: ["a"] }), /the labels \["a"\] are not an object/],
  [json({ labels: { a: { b: 1 } } }), /the label "a": /],
  [json({ labels: { a: "b\nc" } }), /the label "a": "b\\nc" cannot be quoted/],
  [json({ labels: { "a{": "b" } }), /the label "a\{"/],
  ['{"serviceEndpoint":7}', /not a host name/],
];

for (const [value, why] of bad) {
  test(`${value || "an empty value"} is left out`, () => {
    const decoded = read(value);
    assert.ok("why" in decoded, JSON.stringify(decoded));
    assert.match(decoded.why, why);
  });
}

test("why it is left out is one short line, whatever the value", () => {
  for (const value of [`x\n${"y".repeat(1000)}`, json({ host: "z".repeat(1000) })]) {
    const decoded = read(value);
    assert.ok("why" in decoded);
    assert.ok(decoded.why.length < 160);
    assert.equal(decoded.why.includes("\n"), false);
  }
});

test("labels cannot reach what every object has", () => {
  const decoded = read('{"host":"a","port":80,"labels":{"__proto__":"x","constructor":"y"}}');
  assert.ok("endpoint" in decoded);
  assert.equal(Object.getPrototypeOf(decoded.endpoint.labels), null);
  assert.deepEqual(Object.keys(decoded.endpoint.labels), ["__proto__", "constructor"]);
});

test("different addresses have different servers' names, which any proxy accepts", () => {
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
