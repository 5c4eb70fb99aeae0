import assert from "node:assert/strict";
import { test } from "node:test";
import { selectorOf } from "../../../../lib/keyspace/kubernetes/selector.ts";
import { ServiceEntries } from "../../../../lib/keyspace/kubernetes/services.ts";
import { type Slice, sliceOf, valuesOf } from "../../../../lib/keyspace/kubernetes/slice.ts";

const raw = (endpoints: readonly object[], rest: object = {}) => ({
  metadata: { name: "web-abc", labels: { "kubernetes.io/service-name": "web" } },
  ports: [{ name: "", port: 80, protocol: "TCP" }],
  endpoints,
  ...rest,
});
const slice = (endpoints: readonly object[], rest: object = {}): Slice => {
  const read = sliceOf(raw(endpoints, rest));
  assert.ok(read);
  return read;
};
const values = (...slices: Slice[]) =>
  Object.fromEntries(Array.from(valuesOf("web", slices), ([key, text]) => [key, JSON.parse(text)]));
const at = (address: string, conditions?: object, rest: object = {}) => ({
  addresses: [address],
  ...(conditions && { conditions }),
  ...rest,
});

test("a ready endpoint is an instance, one that terminates and serves is draining, and no other is listed", () => {
  const found = values(
    slice([
      at("10.0.0.1"),
      at("10.0.0.2", { ready: true, serving: true, terminating: false }),
      at("10.0.0.3", { ready: false, serving: true, terminating: true }),
      at("10.0.0.4", { ready: false, serving: false, terminating: true }),
      at("10.0.0.5", { ready: false }),
      at("10.0.0.6", { ready: null }),
    ]),
  );
  assert.deepEqual(found, {
    "/web/10.0.0.1:80": { host: "10.0.0.1", port: 80 },
    "/web/10.0.0.2:80": { host: "10.0.0.2", port: 80 },
    "/web/10.0.0.3:80": { host: "10.0.0.3", port: 80, weight: 0 },
    "/web/10.0.0.6:80": { host: "10.0.0.6", port: 80 },
  });
});

test("pod, zone, node and another protocol than TCP are the name and labels; IPv6 is in brackets", () => {
  const place = { zone: "a", nodeName: "n1", targetRef: { kind: "Pod", name: "web-1" } };
  const ports = [{ port: 53, protocol: "UDP" }];
  assert.deepEqual(values(slice([at("fd00::1", undefined, place)], { ports })), {
    "/web/[fd00::1]:53": {
      ...{ host: "fd00::1", port: 53, name: "web-1" },
      labels: { zone: "a", node: "n1", protocol: "UDP" },
    },
  });
});

test("each port of several is a service of its own", () => {
  const ports = [
    { name: "http", port: 80 },
    { name: "metrics", port: 9090 },
  ];
  assert.deepEqual(Object.keys(values(slice([at("10.0.0.1")], { ports }))), [
    "/web:http/10.0.0.1:80",
    "/web:metrics/10.0.0.1:9090",
  ]);
});

test("an endpoint in two slices counts once, ready if it is in one of them", () => {
  const draining = at("10.0.0.1", { ready: false, serving: true, terminating: true });
  const one = slice([draining]);
  const two = slice([at("10.0.0.1")]);
  for (const order of [
    [one, two],
    [two, one],
  ]) {
    assert.deepEqual(values(...order), { "/web/10.0.0.1:80": { host: "10.0.0.1", port: 80 } });
  }
});

test("values that are no EndpointSlice, or have parts of other types, throw nothing", () => {
  for (const object of [null, 1, "x", [], {}, { metadata: 1 }, { metadata: { name: "a" } }]) {
    assert.equal(sliceOf(object), undefined);
  }
  const odd = { ports: [{ port: 0 }, { port: "80" }, null, 1], endpoints: "x" };
  assert.deepEqual(values(slice([], odd)), {});
  const endpoints = [
    { addresses: 1 },
    { addresses: [1, null] },
    null,
    { addresses: ["a"], conditions: 1 },
  ];
  assert.deepEqual(Object.keys(values(slice(endpoints as object[]))), ["/web/a:80"]);
});

test("only the services that the prefixes name are selected", () => {
  assert.equal(
    selectorOf(["/web", "/db/10.0.0.1:80", "/web:http"]),
    "kubernetes.io/service-name in (db,web)",
  );
  assert.equal(selectorOf(["/web", "/"]), "kubernetes.io/service-name");
  assert.equal(selectorOf(["/sidekick/asks"]), "kubernetes.io/service-name in (sidekick)");
  assert.equal(selectorOf(["/Web", "/a b", "/x,y"]), undefined);
});

test("a change costs and yields only the entries of its service", () => {
  const entries = new ServiceEntries(["/web"]);
  const named = (name: string, service: string, ...addresses: string[]) =>
    sliceOf({
      metadata: { name, labels: { "kubernetes.io/service-name": service } },
      ports: [{ port: 80 }],
      endpoints: addresses.map((address) => at(address)),
    }) ?? assert.fail();
  const change = (revision: string, name: string, one?: Slice) => {
    const { put, gone } = entries.after({ revision, name, slice: one });
    return [[...put.keys()], gone];
  };
  const all = [
    named("a", "web", "10.0.0.1"),
    named("b", "web", "10.0.0.2"),
    named("c", "db", "10.0.0.3"),
  ];
  assert.deepEqual(
    [...entries.after({ revision: "1", all }).put.keys()],
    ["/web/10.0.0.1:80", "/web/10.0.0.2:80"],
  );
  assert.deepEqual(change("2", "a", named("a", "web", "10.0.0.4")), [
    ["/web/10.0.0.4:80"],
    ["/web/10.0.0.1:80"],
  ]);
  assert.deepEqual(change("3", "c"), [[], []]);
  assert.deepEqual(change("4", "b"), [[], ["/web/10.0.0.2:80"]]);
  assert.deepEqual(change("5", "unknown"), [[], []]);
  assert.deepEqual(entries.after({ revision: "6", all: [] }), {
    put: new Map(),
    gone: ["/web/10.0.0.4:80"],
  });
});
