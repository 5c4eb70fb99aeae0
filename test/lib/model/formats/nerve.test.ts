import assert from "node:assert/strict";
import { test } from "node:test";
import { readNerve } from "../../../../lib/model/formats/nerve.ts";

const nerve = { host: "a", port: 80, name: "n", weight: 12, labels: { az: "b" } };

test("what is text for haproxy.cfg is not taken, nor is anything that is not known", () => {
  const options = "backup\nlisten pwn\n  bind :1";
  assert.deepEqual(readNerve({ ...nerve, haproxy_server_options: options, more: 1 }), nerve);
});

test("go-nerve's instance is taken while it is available", () => {
  assert.deepEqual(readNerve({ available: true, ...nerve }), nerve);
});

test("go-nerve's instance that is not available is left out, with its reason", () => {
  const why = "it says that it is not available";
  assert.deepEqual(readNerve({ available: false, ...nerve }), { why });
  const reason = { available: false, unavailable_reason: "check\nfailed" };
  assert.deepEqual(readNerve({ ...nerve, ...reason }), { why: `${why}: "check\\nfailed"` });
});
