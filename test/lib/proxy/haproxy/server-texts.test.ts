import assert from "node:assert/strict";
import { test } from "node:test";
import { serverTexts } from "../../../../lib/proxy/haproxy/server-texts.ts";

const { drain, uses } = serverTexts;

const text = `defaults
  mode http
frontend it
  bind 10.0.0.1:8080
  default_backend web
backend web
  default-server weight 20
  # server old 10.0.0.9:80
  server a 10.0.0.1:80 check # the first
  server weight 10.0.0.2:80 weight 5
  server c [2001:db8::0:1]:80
`;

test("a drained server gets weight 0 and nothing else changes", () => {
  const drained = drain(text, new Set(["10.0.0.1:80", "10.0.0.2:80", "10.0.0.9:80"]));
  assert.equal(
    drained,
    text
      .replace("check # the first", "check weight 0 # the first")
      .replace("weight 5", "weight 5 weight 0"),
  );
  assert.equal(drain(drained, new Set(["10.0.0.1:80"])), drained, "it is drained already");
  assert.equal(uses([drained])("10.0.0.1:80"), "idle");
  assert.equal(uses([drained])("10.0.0.2:80"), "idle");
});

test("an address is served, idle if no server has it, and known in every spelling", () => {
  const use = uses([text]);
  assert.deepEqual(
    ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.9:80", "[2001:db8::1]:80"].map(use),
    ["served", "served", "idle", "idle", "served"],
  );
  const drained = drain(text, new Set(["[2001:db8:0::1]:80"]));
  assert.equal(uses([drained])("[2001:db8::1]:80"), "idle");
  assert.equal(uses([text.replace("check", "check disabled")])("10.0.0.1:80"), "idle");
});

const unusual = {
  "a template of servers": "  server-template s 3 10.0.0.3:80",
  "a cookie": "  cookie SRV insert",
  "a host name": "  server h web.example:80",
  "an agent": "  server h 10.0.0.8:80 agent-check",
  "a quoted word": '  server h "10.0.0.8:80"',
  "a condition": "  .if defined(X)\n  .endif",
  "IPv4 in IPv6": "  server m [::ffff:10.0.0.3]:80",
};

for (const [what, line] of Object.entries(unusual)) {
  test(`with ${what} it is unclear where requests go`, () => {
    assert.equal(uses([`${text}${line}\n`])("10.0.0.3:80"), "unclear");
  });
}

test("an address that stands elsewhere is unclear, in any of the texts", () => {
  const elsewhere = ["  dispatch 10.0.0.3:80", "  server p 10.0.0.4:80 socks4 10.0.0.3:80"];
  for (const line of elsewhere) assert.equal(uses([`${text}${line}\n`])("10.0.0.3:80"), "unclear");
  assert.equal(uses([text, "a.example 10.0.0.3:80"])("10.0.0.3:80"), "unclear");
  assert.equal(uses([text, "a.example 10.0.0.3"])("10.0.0.3:80"), "unclear");
  assert.equal(uses([text, "a.example 10.0.0.3:81 10.0.0.33"])("10.0.0.3:80"), "idle");
  assert.equal(uses([text])("web.example:80"), "unclear");
});

test("without a section defaults it is unknown what servers inherit", () => {
  assert.equal(uses(["backend b\n  server a 10.0.0.1:80\n"])("10.0.0.3:80"), "unclear");
});
