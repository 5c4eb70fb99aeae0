import assert from "node:assert/strict";
import { test } from "node:test";
import { reportFailure, reportRuntimeMessage, standardError } from "../../cli/standard-error.ts";
import { Fault } from "../../lib/base/fault.ts";
import { LineWriter } from "../../lib/base/line-writer.ts";
import { createLog } from "../../lib/base/log.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { read } from "../support/sources.ts";

function written(terminal: boolean) {
  const chunks: string[] = [];
  const lines = new LineWriter((bytes) => {
    chunks.push(Buffer.from(bytes).toString());
    return bytes.length;
  }, new ManualClock());
  return { err: standardError(lines, terminal), text: () => chunks.join("") };
}

const fault = new Fault("X", true, "no store answered");

test("text is escaped, whether it is a terminal or not", () => {
  for (const terminal of [true, false]) {
    const { err, text } = written(terminal);
    err.write("/a\x1b[2J\u202e cannot be read\n");
    assert.equal(text(), "/a\\x1b[2J\\u202e cannot be read\n");
  }
});

test("the colours of a log reach a terminal", () => {
  const { err, text } = written(true);
  createLog(err, "info").error("a", "b\x1b[0m");
  assert.match(text(), /\x1b\[31merror: b\\x1b\[0m\x1b\[0m\n$/);
});

test("before a log and on a terminal, a failure is a sentence", () => {
  for (const terminal of [true, false]) {
    const { err, text } = written(terminal);
    if (terminal) err.begin?.("text");
    reportFailure(fault, err);
    reportFailure(new TypeError("it is broken"), err);
    reportRuntimeMessage("a warning\n", err);
    assert.match(text(), /^sidekick: no store answered\nsidekick: this is a bug: TypeError: it is/);
    assert.match(text(), /\na warning\n$/);
  }
});

test("in a log of JSON lines, a failure and messages of libraries are lines of it", () => {
  const { err, text } = written(false);
  err.begin?.("json");
  reportFailure(fault, err);
  reportFailure(new TypeError("it is broken"), err);
  reportRuntimeMessage("a warning\nof two lines\n", err);
  const lines = text().trimEnd().split("\n");
  const [failed, bug, message] = lines.map((line) => JSON.parse(line));
  assert.deepEqual([failed.event, failed.code, failed.message], ["failed", "X", fault.message]);
  assert.deepEqual([bug.event, bug.message], ["failed", "this is a bug: it is broken"]);
  assert.match(bug.stack, /^TypeError: it is broken\n/);
  assert.deepEqual(
    [lines.length, message.event, message.message],
    [3, "runtime_message", "a warning\nof two lines"],
  );
});

test("no other part of the program writes to standard error or the console", async () => {
  const code = await read("{agents,cli,lib}/**/*.ts");
  const writers = [...code].filter(([, text]) => /console\.|process\.stderr/.test(text));
  assert.deepEqual(writers.map(([file]) => file).sort(), ["cli/main.ts", "cli/standard-error.ts"]);
});
