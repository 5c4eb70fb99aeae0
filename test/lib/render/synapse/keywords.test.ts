import assert from "node:assert/strict";
import { test } from "node:test";
import { keywordOf, mayStandIn } from "../../../../lib/render/synapse/keywords.ts";
import { misplaced } from "../../../../lib/render/synapse/section-lines.ts";

test("an option and a time limit have their own name as keyword, with and without no", () => {
  assert.equal(keywordOf("  No  Option   HTTPCLOSE "), "option httpclose");
  assert.equal(keywordOf("timeout client 5s"), "timeout client");
  assert.equal(keywordOf("stats enable"), "stats");
});

test("keywords of former versions are left for haproxy to judge", () => {
  assert.ok(mayStandIn("frontend", "reqadd X-Forwarded-Proto:\\ https"));
  assert.ok(mayStandIn("backend", "appsession JSESSIONID len 52 timeout 3h"));
  assert.ok(!mayStandIn("frontend", "appsession JSESSIONID len 52 timeout 3h"));
});

test("lines that stand in no section are named by setting and number", () => {
  const lines = {
    frontend: ["mode http", "option httpchk", "bogus"],
    pool: ["option httpchk", "use_backend x"],
    listen: ["mode http", "# mode tcp", "option bogus"],
  };
  assert.deepEqual(misplaced(lines), [
    { path: ["frontend", 1], line: "option httpchk" },
    { path: ["frontend", 2], line: "bogus" },
    { path: ["backend", 1], line: "use_backend x" },
    { path: ["listen", 1], line: "# mode tcp" },
    { path: ["listen", 2], line: "option bogus" },
  ]);
});
