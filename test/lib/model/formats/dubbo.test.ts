import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../../lib/model/decode.ts";
import { isUrlName, readDubbo } from "../../../../lib/model/formats/dubbo.ts";

const read = (url: string) => readDubbo(encodeURIComponent(url));

test("a provider has the address of its URL, and Dubbo's default weight", () => {
  assert.deepEqual(
    read("dubbo://10.0.0.1:20880/com.foo.Bar?anyhost=true&methods=a,b&side=provider"),
    {
      host: "10.0.0.1",
      port: "20880",
      id: "dubbo-10.0.0.1:20880",
      weight: 100,
      labels: { protocol: "dubbo" },
    },
  );
  const bare = read("tri://user:pw@[fd00::1]:50051");
  assert.ok("host" in bare);
  assert.deepEqual([bare.host, bare.port, bare.id], ["fd00::1", "50051", "tri-[fd00::1]:50051"]);
});

test("the parameters with which Dubbo selects providers become labels", () => {
  const raw = read(
    "dubbo://a:1/x?group=g&version=1.0.0&weight=50&disabled=false&application=shop&__proto__=y&group2=z",
  );
  assert.ok("host" in raw);
  assert.deepEqual(raw.labels, {
    ...{ protocol: "dubbo", application: "shop", disabled: "false", group: "g" },
    ...{ version: "1.0.0", weight: "50" },
  });
});

test("the weight is Dubbo's, at most the highest that a proxy takes, and 0 for a provider that is disabled", () => {
  const weights: readonly [query: string, weight: unknown][] = [
    ["weight=0", 0],
    ["weight=50", 50],
    ["weight=1000", 256],
    ["weight=heavy", "heavy"],
    ["disabled=true&weight=50", 0],
    ["enabled=false", 0],
    ["disabled=false&enabled=false", 100],
  ];
  for (const [query, weight] of weights) {
    const raw = read(`dubbo://a:1/x?${query}`);
    assert.ok("host" in raw);
    assert.equal(raw.weight, weight, query);
  }
});

const bad: readonly [id: string, why: string][] = [
  [
    "dubbo%3A%2F%2Fa%3A1%ZZ",
    'its name is "dubbo%3A%2F%2Fa%3A1%ZZ": expected a URL that is URL-encoded',
  ],
  [encodeURIComponent("dubbo://a:0/x"), "its port is 0: expected 1 to 65535"],
  [encodeURIComponent("dubbo://a/x"), 'its address is "a": expected host:port'],
  [encodeURIComponent("dubbo://a:1/x?weight=-1"), 'its weight is "-1": expected 0 to 256'],
  [
    encodeURIComponent("dubbo://a;b:1/x"),
    'its host is "a;b": expected a host name or an IP address',
  ],
  [
    encodeURIComponent("consumer://a/x?category=consumers"),
    'its category is "consumers": expected "providers"',
  ],
  [
    `dubbo%3A%2F%2F${"a".repeat(9000)}`,
    "the instance id has 9014 characters: expected at most 8192",
  ],
];

for (const [id, why] of bad) {
  test(`${id.slice(0, 60)} is invalid`, () => {
    const key = `/services/web/${id}`;
    assert.deepEqual(decode({ service: "web", id }, { key, value: "", revision: "1" }), { why });
  });
}

test("only a name that begins with a scheme is such a URL", () => {
  for (const id of ["dubbo:", "%3A%2F%2Fa%3A1", "a%2Fb", "1%3A%2F%2Fa", "x%3A%2F%2Fa/b"]) {
    assert.equal(isUrlName(id), false, id);
  }
  assert.ok(isUrlName("dubbo%3a%2f%2fa%3a1"));
});
