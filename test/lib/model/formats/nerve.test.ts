import assert from "node:assert/strict";
import { test } from "node:test";
import { readNerve } from "../../../../lib/model/formats/nerve.ts";

const nerve = { host: "a", port: 80, name: "n", weight: 12, labels: { az: "b" } };

test("haproxy_server_options are kept apart, and unknown fields are ignored", () => {
  const options = "backup\nlisten pwn\n  bind :1";
  const read = readNerve({ ...nerve, haproxy_server_options: options, more: 1 });
  assert.deepEqual(read, { ...nerve, serverOptions: options });
});

test("an instance of go-nerve that is available is valid", () => {
  assert.deepEqual(readNerve({ available: true, ...nerve }), nerve);
});

test("an instance of go-nerve that is unavailable is invalid, with its reason", () => {
  const why = "it is marked as unavailable";
  assert.deepEqual(readNerve({ available: false, ...nerve }), { why });
  const reason = { available: false, unavailable_reason: "check\nfailed" };
  assert.deepEqual(readNerve({ ...nerve, ...reason }), { why: `${why}: "check\\nfailed"` });
});
