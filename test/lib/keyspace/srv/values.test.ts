import assert from "node:assert/strict";
import { test } from "node:test";
import { valuesOf } from "../../../../lib/keyspace/srv/values.ts";

const record = (name: string, priority = 0, weight = 0, port = 80) => ({
  name,
  port,
  priority,
  weight,
});
const valuesByKey = (...records: ReturnType<typeof record>[]) =>
  Object.fromEntries(Array.from(valuesOf(records), ([key, value]) => [key, JSON.parse(value)]));

test("records are instances, and those without the lowest priority are backups", () => {
  assert.deepEqual(valuesByKey(record("b.example.com.", 20, 5), record("a.example.com", 10, 3)), {
    "/a.example.com:80": {
      ...{ host: "a.example.com", port: 80, weight: 3, labels: { priority: "10" } },
    },
    "/b.example.com:80": {
      ...{ host: "b.example.com", port: 80, weight: 5, labels: { priority: "20", backup: "true" } },
    },
  });
});

test("weights are in proportion within a priority, and never 0, which would be a draining instance", () => {
  const weights = (...given: number[]) => {
    const records = given.map((weight, i) => record(`h${i}`, 0, weight));
    return Object.values(valuesByKey(...records)).map(({ weight }) => weight);
  };
  assert.deepEqual(weights(0, 0), [1, 1]);
  assert.deepEqual(weights(0, 100), [1, 100]);
  assert.deepEqual(weights(65_535, 32_768, 1), [256, 128, 1]);
});

test("a target that is repeated counts once, with its lowest priority; the target . is none", () => {
  const values = valuesByKey(record("a", 20), record("a", 10), record("a", 10, 0, 81));
  assert.deepEqual(Object.keys(values), ["/a:80", "/a:81"]);
  assert.equal(values["/a:80"].labels.priority, "10");
  assert.deepEqual(valuesByKey(record(".")), {});
  assert.deepEqual(valuesByKey(record("")), {});
});

test("a name with a slash is one instance and no folder", () => {
  assert.deepEqual(Object.keys(valuesByKey(record("a/b"))), ["/a%2Fb:80"]);
});
