import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue, Fault, sentence, systemCode } from "../../../lib/base/fault.ts";

const faults = catalogue({
  TEST_AWAY: { retry: true, message: (d: { url: string }) => `no answer from ${d.url}` },
  TEST_DENIED: { retry: false, message: (d: { user: string }) => `permission denied: ${d.user}` },
});

test("a declared fault has a code, a sentence, a cause and whether to retry", () => {
  const cause = new Error("timed out");
  const fault = faults.TEST_AWAY({ url: "etcd://a" }, cause);
  assert.ok(fault instanceof Fault);
  assert.deepEqual(
    [fault.code, fault.retry, fault.message, fault.cause],
    ["TEST_AWAY", true, "no answer from etcd://a", cause],
  );
  const denied = faults.TEST_DENIED({ user: "bob" });
  assert.deepEqual([denied.retry, "cause" in denied], [false, false]);
});

test("a catalogue can be listed without creating a fault", () => {
  const listed = Object.values(faults).map((make) => {
    const { code, retry } = Object.assign({ code: "", retry: undefined }, make);
    return `${code} ${retry}`;
  });
  assert.deepEqual(listed, ["TEST_AWAY true", "TEST_DENIED false"]);
});

test("the sentence of an error includes the message of its cause unless it is there already", () => {
  const refused = new Error("connect ECONNREFUSED");
  assert.equal(sentence(refused), "connect ECONNREFUSED");
  assert.equal(
    sentence(faults.TEST_AWAY({ url: "x" }, refused)),
    "no answer from x: connect ECONNREFUSED",
  );
  assert.equal(
    sentence(new Error("read: refused", { cause: new Error("refused") })),
    "read: refused",
  );
  assert.equal(sentence("text"), "text");
});

test("the sentence of an error without a message of its own joins the sentences of its errors", () => {
  const both = new AggregateError([new Error("::1 refused"), new Error("127.0.0.1 refused")]);
  assert.equal(sentence(both), "::1 refused, 127.0.0.1 refused");
});

test("the system code of an error is its string code, if it is an error", () => {
  assert.equal(systemCode(Object.assign(new Error(), { code: "ENOENT" })), "ENOENT");
  assert.equal(systemCode(new Error("no")), undefined);
  assert.equal(systemCode({ code: "ENOENT" }), undefined);
});

test("a message and its cause are printable; several sentences are on lines of their own", () => {
  const fault = faults.TEST_AWAY({ url: "a\x1b[2J\nb" }, new Error("c\u202e"));
  assert.equal(sentence(fault), "no answer from a\\x1b[2J\\nb: c\\u202e");
  const { TEST_SEVERAL } = catalogue({
    TEST_SEVERAL: { retry: false, message: (d: { all: readonly string[] }) => d.all },
  });
  assert.equal(TEST_SEVERAL({ all: ["a\nb", "c"] }).message, "a\\nb\nc");
});
