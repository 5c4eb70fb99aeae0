import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "../../../lib/model/verdict.ts";
import { announce } from "../../../lib/presence/announce.ts";

const member = (id: string, verdict: Verdict) => ({
  instance: { service: "web", id, host: "10.0.0.1", port: 80, weight: 10 },
  verdict,
});

const json = { prefix: "/services", format: "json" } as const;

test("who is up has an entry; who is down or was never heard of has none", () => {
  const roster = [member("a", "up"), member("b", "down"), member("c", "unknown")];
  assert.deepEqual(
    announce(roster, json),
    new Map([["/services/web/a", '{"host":"10.0.0.1","port":80,"weight":10}']]),
  );
});

test("an entry can be just the address", () => {
  const entries = announce([member("a", "up")], { ...json, format: "address" });
  assert.deepEqual(entries, new Map([["/services/web/a", "10.0.0.1:80"]]));
});

test("the folder of services may be written with or without slashes, and may be the root", () => {
  const keys = ["/a/b", "a/b/", "/", ""].map((prefix) => [
    ...announce([member("1", "up")], { ...json, prefix }).keys(),
  ]);
  assert.deepEqual(keys.flat(), ["/a/b/web/1", "/a/b/web/1", "/web/1", "/web/1"]);
});

test("nobody is announced by an empty roster", () => {
  assert.deepEqual(announce([], json), new Map());
});

for (const verdict of ["up", "down"] as const) {
  test(`two instances at one key are a fault, the second one being ${verdict}`, () => {
    assert.throws(() => announce([member("a", "up"), member("a", verdict)], json), {
      code: "PRESENCE_SAME_KEY",
      message: /\/services\/web\/a/,
    });
  });
}
