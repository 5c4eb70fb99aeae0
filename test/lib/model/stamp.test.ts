import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../lib/model/decode.ts";
import { encode } from "../../../lib/model/encode.ts";
import { isSameButStamp, stamped, stampOf, withoutStamp } from "../../../lib/model/stamp.ts";

const instance = { service: "web", id: "a", host: "10.0.0.1", port: 80, weight: 10 };
const value = encode(instance, "json");

test("a stamp is the last key of a value, in whole milliseconds, and readers ignore it", () => {
  const text = stamped(value, 1732627897123.7);
  assert.equal(text, '{"host":"10.0.0.1","port":80,"weight":10,"at":1732627897123}');
  assert.equal(stampOf(text), 1732627897123);
  assert.equal(withoutStamp(text), value);
  const read = (text: string) =>
    decode(instance, { key: "/services/web/a", value: text, revision: "1" });
  assert.deepEqual(read(text), read(value));
});

test("values are the same if they differ by their stamps alone", () => {
  assert.ok(isSameButStamp(stamped(value, 1), stamped(value, 2)));
  assert.ok(isSameButStamp(value, stamped(value, 2)));
  assert.ok(isSameButStamp(undefined, undefined));
  assert.ok(!isSameButStamp(value, undefined));
  assert.ok(
    !isSameButStamp(stamped(value, 1), stamped(encode({ ...instance, weight: 0 }, "json"), 1)),
  );
});

test("nothing else is a stamp: settings of others are compared as they are", () => {
  const others = [
    value,
    encode(instance, "address"),
    encode({ ...instance, labels: { at: "1" } }, "json"),
    '{"x":1,"at":1732627897123}',
    '{"host":"a","port":1,"at":"1732627897123"}',
    '{"host":"a","port":1,"at":-1}',
    '{"host":"a","port":1,"more":{"at":1732627897123}}',
    '{"at":1732627897123}',
  ];
  for (const one of others) {
    assert.equal(stampOf(one), undefined, one);
    assert.equal(withoutStamp(one), one);
  }
  assert.ok(!isSameButStamp('{"x":1,"at":1}', '{"x":1,"at":2}'));
});
