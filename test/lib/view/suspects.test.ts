import assert from "node:assert/strict";
import { test } from "node:test";
import { suspects } from "../../../lib/view/suspects.ts";
import { poolsWith } from "./entries.ts";

const pools = poolsWith({
  "/services/web/a": "10.0.0.1:80",
  "/services/web/b": "10.0.0.1:8080",
  "/services/web/c": "nowhere.invalid:80",
  "/services/api/d": "nowhere.invalid:81",
  "/app/raw": "10.0.0.9:99 weight=x",
});

const texts = new Map([
  [
    "/etc/nginx.conf",
    "upstream web {\nserver 10.0.0.1:80 wieght=1;\nserver 10.0.0.1:80; server 10.0.0.1:8080;\n",
  ],
]);

/** An error message, the entries that it points at, and whether it quotes them. */
const messages: readonly (readonly [string, readonly string[], boolean | undefined])[] = [
  [
    'host not found in upstream "nowhere.invalid:80" in /etc/nginx.conf:7',
    ["/services/api/d", "/services/web/c"],
    true,
  ],
  ["could not resolve address 'nowhere.invalid'", ["/services/api/d", "/services/web/c"], true],
  ['invalid port in "10.0.0.1:8080"', ["/services/web/b"], true],
  ['exit code 1: what | "10.0.0.1:80" is bad | test failed', ["/services/web/a"], true],
  ['invalid parameter "wieght=1" in /etc/nginx.conf:2', ["/services/web/a"], false],
  ["'server' in [/etc/nginx.conf:2] is not good", ["/services/web/a"], false],
  ['"10.0.0.9:99 weight=x" cannot be read', ["/app/raw"], true],
  ["two of them in /etc/nginx.conf:3", [], undefined],
  ["no entry in /etc/nginx.conf:1", [], undefined],
  ["a line that is not there: /etc/nginx.conf:99", [], undefined],
  ["another file: /etc/other.conf:2", [], undefined],
  ["10.0.0.1:80 and 10.0.0.9:99 weight=x", [], undefined],
  ["still could not bind()", [], undefined],
];

for (const [message, keys, quoted] of messages) {
  test(`"${message}" points at ${keys.join(" and ") || "no entry"}`, () => {
    const [found] = suspects(message.split(" | "), texts, pools);
    assert.deepEqual(found?.entries.map(({ key }) => key) ?? [], keys);
    assert.equal(found?.quoted, quoted);
  });
}

test("the message is the part that is about the entry", () => {
  const errors =
    'the check command of /x failed (exit code 1: nginx: [emerg] host not found in upstream "nowhere.invalid:80" in /x:7 | nginx: test failed)';
  assert.equal(
    suspects(errors.split(" | "), texts, pools)[0]?.message,
    'nginx: [emerg] host not found in upstream "nowhere.invalid:80" in /x:7',
  );
});

test("each message points at entries of its own, a quoted one first", () => {
  const messages = [
    "[ALERT] no such option in /etc/nginx.conf:2",
    "[ALERT] cannot resolve nowhere.invalid",
    '[ALERT] invalid port in "10.0.0.1:8080"',
  ];
  const found = suspects(messages, texts, pools);
  assert.deepEqual(
    found.map(({ entries }) => entries.map(({ key }) => key)),
    [["/services/api/d", "/services/web/c"], ["/services/web/b"], ["/services/web/a"]],
  );
});

test("warnings point at none as long as there are errors", () => {
  const warning = "[WARNING] 10.0.0.1:8080 has no check";
  const error = "[ALERT] cannot resolve nowhere.invalid";
  const keys = (messages: readonly string[]) =>
    suspects(messages, texts, pools).flatMap(({ entries }) => entries.map(({ key }) => key));
  assert.deepEqual(keys([warning, error]), ["/services/api/d", "/services/web/c"]);
  assert.deepEqual(keys([warning]), ["/services/web/b"]);
});
