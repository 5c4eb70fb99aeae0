import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, type Level } from "../../../lib/base/log.ts";

function logging(terminal: boolean, least: Level) {
  const lines: string[] = [];
  const log = createLog({ terminal, write: (line) => lines.push(line) }, least);
  return { log, lines };
}

test("a line is one JSON object with the time, the event and what belongs to it", () => {
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

test("what is less important than asked for is not written", () => {
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

test("on a terminal a line is the time and the sentence, marked where it matters", () => {
  const { log, lines } = logging(true, "debug");
  log.info("a", "all is well");
  log.error("b", "nothing is");
  assert.match(lines[0] ?? "", /^\x1b\[2m\d\d:\d\d:\d\d\x1b\[0m all is well\n$/);
  assert.match(lines[1] ?? "", /\x1b\[31merror: nothing is\x1b\[0m\n$/);
});
