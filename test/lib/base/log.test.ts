import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, type Level, type LogFormat } from "../../../lib/base/log.ts";

function logging(terminal: boolean, minimum: Level, format?: LogFormat) {
  const lines: string[] = [];
  const log = createLog({ terminal, write: (line) => lines.push(line) }, minimum, format);
  return { log, lines };
}

test("a line is one JSON object with the time, the event and its details", () => {
  const { log, lines } = logging(false, "info");
  log.warn("check.down", "web is down:\nrefused", { service: "web", port: 80 });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /^\{.*\}\n$/);
  const { time, ...rest } = JSON.parse(lines[0] ?? "");
  assert.deepEqual(rest, {
    level: "warn",
    event: "check.down",
    message: "web is down:\nrefused",
    service: "web",
    port: 80,
  });
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
});

test("events below the minimum level are not logged", () => {
  const { log, lines } = logging(false, "warn");
  log.debug("a", "a");
  log.info("b", "b");
  log.warn("c", "c");
  log.error("d", "d");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    ["c", "d"],
  );
});

test("on a terminal a line is the time and the sentence, with its level unless that is info", () => {
  const { log, lines } = logging(true, "debug");
  log.info("a", "all healthy");
  log.error("b", "all failed");
  assert.match(lines[0] ?? "", /^\x1b\[2m\d\d:\d\d:\d\d\x1b\[0m all healthy\n$/);
  assert.match(lines[1] ?? "", /\x1b\[31merror: all failed\x1b\[0m\n$/);
});

const hostile = "a\x1b]0;owned\x07\x9b31m\u202eb\nlevel=info";

test("a terminal shows what would steer it as escapes, in one line", () => {
  const { log, lines } = logging(true, "info");
  log.info("a", hostile);
  assert.match(lines[0] ?? "", / a\\x1b\]0;owned\\x07\\x9b31m\\u202eb\\nlevel=info\n$/);
});

test("JSON has it as escapes of JSON, in the details, too", () => {
  const { log, lines } = logging(false, "info");
  log.info("a", hostile, { [hostile]: hostile });
  assert.doesNotMatch(lines[0] ?? "", /[^\x20-\x7e\n]|\n./);
  const { message, ...rest } = JSON.parse(lines[0] ?? "");
  assert.deepEqual([message, rest[hostile]], [hostile, hostile]);
});

test("a string of any length is cut to one that a log can have", () => {
  const { log, lines } = logging(false, "info");
  log.info("a", "b", { key: "k".repeat(1_000_000) });
  assert.equal(JSON.parse(lines[0] ?? "").key.length, 4000);
});

test("a log of sentences that is no terminal has the whole time and no colours; JSON on a terminal is JSON", () => {
  const { log, lines } = logging(false, "info", "text");
  log.info("a", "web is healthy");
  log.error("b", "web is\tdown");
  assert.match(lines[0] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z web is healthy\n$/);
  assert.match(lines[1] ?? "", /Z error: web is\\tdown\n$/);
  const other = logging(true, "info", "json");
  other.log.info("a", "web is healthy");
  assert.equal(JSON.parse(other.lines[0] ?? "").event, "a");
});
