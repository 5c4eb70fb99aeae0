import assert from "node:assert/strict";
import { test } from "node:test";
import { readServerset } from "../../../../lib/model/formats/serverset.ts";

const serviceEndpoint = { host: "a", port: 80 };

const good: readonly [what: string, more: object, labels: object, name?: string][] = [
  ["no optional fields", {}, {}],
  ["all fields", { additionalEndpoints: {}, status: "ALIVE", shard: 0 }, { shard: 0 }, "0"],
  [
    "null for unset fields",
    { additionalEndpoints: null, status: null, shard: null },
    { shard: null },
  ],
  [
    "two additional endpoints",
    { additionalEndpoints: { http: serviceEndpoint, admin: { host: "::1", port: 9990 } } },
    { "endpoint.http": "a:80", "endpoint.admin": "[::1]:9990" },
  ],
];

for (const [what, more, labels, name] of good) {
  test(`a member with ${what} is read`, () => {
    const read = readServerset({ serviceEndpoint, ...more });
    const expected = { host: "a", port: 80, labels: { shard: undefined, ...labels } };
    assert.deepEqual(read, name === undefined ? expected : { ...expected, name });
  });
}

const bad: readonly [more: object, why: string][] = [
  [{ serviceEndpoint: 7 }, "its serviceEndpoint is 7: expected an object with host and port"],
  [
    { serviceEndpoint: null },
    "its serviceEndpoint is missing: expected an object with host and port",
  ],
  [{ status: "STOPPING" }, 'its status is "STOPPING": expected "ALIVE"'],
  [{ status: 2 }, 'its status is 2: expected "ALIVE"'],
  [{ additionalEndpoints: [] }, "its additionalEndpoints is []: expected an object"],
  [
    { additionalEndpoints: { http: { host: "a;b", port: 1 } } },
    'its endpoint "http" is {"host":"a;b","port":1}: expected an object with host and port',
  ],
  [
    { additionalEndpoints: { http: null } },
    'its endpoint "http" is missing: expected an object with host and port',
  ],
];

for (const [more, why] of bad) {
  test(`a member with ${JSON.stringify(more)} is invalid`, () => {
    assert.deepEqual(readServerset({ serviceEndpoint, ...more }), { why });
  });
}

test("the address is that of a named additional endpoint", () => {
  const member = { serviceEndpoint, additionalEndpoints: { http: { host: "b", port: 8080 } } };
  const read = readServerset(member, "http");
  assert.ok("host" in read);
  assert.deepEqual([read.host, read.port], ["b", 8080]);
});

test("a member without the named endpoint is invalid", () => {
  const why = 'it has no additional endpoint "http"';
  assert.deepEqual(readServerset({ serviceEndpoint }, "http"), { why });
  assert.deepEqual(readServerset({ serviceEndpoint }, "toString"), {
    why: 'it has no additional endpoint "toString"',
  });
});
