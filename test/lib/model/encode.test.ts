import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "../../../lib/model/encode.ts";

const bare = { service: "web", id: "a", host: "10.0.0.1", port: 80 };

test("the JSON has Nerve's fields in Nerve's order, without unset ones", () => {
  assert.equal(encode(bare, "json"), '{"host":"10.0.0.1","port":80}');
  const full = { labels: { zone: "a" }, weight: 0, name: "web-1", ...bare };
  assert.equal(
    encode(full, "json"),
    '{"host":"10.0.0.1","port":80,"name":"web-1","weight":0,"labels":{"zone":"a"}}',
  );
});

test("text is not escaped, as in Ruby's JSON: in UTF-8, slashes included", () => {
  const instance = { ...bare, name: "zürich-日本 😀", labels: { größe: "/a/b" } };
  const expected =
    '{"host":"10.0.0.1","port":80,"name":"zürich-日本 😀","labels":{"größe":"/a/b"}}';
  assert.equal(encode(instance, "json"), expected);
});

test("an address is host:port, with brackets around an IPv6 host", () => {
  assert.equal(encode({ ...bare, weight: 3 }, "address"), "10.0.0.1:80");
  assert.equal(encode({ ...bare, host: "::1" }, "address"), "[::1]:80");
});
