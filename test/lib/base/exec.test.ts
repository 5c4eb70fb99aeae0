import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { failureSummary, lastLines, run } from "../../../lib/base/exec.ts";
import { never } from "../../../lib/base/signal.ts";
import { throwAwayFolder } from "../../support/process.ts";

const sh = (script: string, timeoutMs = 10_000, signal = never) =>
  run({ argv: ["sh", "-c", script], timeoutMs }, systemClock, signal);

test("exit code 0 is ok; the output is kept", async () => {
  const { output, ...rest } = await sh("echo one; echo two; echo three >&2");
  assert.deepEqual(rest, { ok: true, code: 0, how: "exit code 0" });
  // two pipes: the order between them is not defined
  assert.match(output, /^(one\ntwo\nthree|three\none\ntwo)\n$/);
});

test("the result describes how the command ended", async () => {
  const failed = await sh("exit 3");
  assert.deepEqual([failed.ok, failed.code, failed.how], [false, 3, "exit code 3"]);
  const killed = await sh("kill -TERM $$");
  assert.deepEqual([killed.ok, killed.code, killed.how], [false, undefined, "killed by SIGTERM"]);
});

test("a command that cannot be started is reported, whatever error the system gives", async () => {
  const missing = await run({ argv: ["/no/such"], timeoutMs: 1000 }, systemClock, never);
  assert.match(missing.how, /^cannot be started: .*ENOENT/);
  const empty = await run({ argv: [""], timeoutMs: 1000 }, systemClock, never);
  assert.match(empty.how, /^cannot be started: /);
  const long = ["true", "x".repeat(4_000_000)];
  const tooLong = await run({ argv: long, timeoutMs: 1000 }, systemClock, never);
  assert.match(tooLong.how, /^cannot be started: .*E2BIG/);
});

test("no shell is involved, and the working directory is the requested one", async (t) => {
  const cwd = await throwAwayFolder(t);
  const argv = ["printf", "%s", "$(id) | `x` *"];
  assert.equal((await run({ argv, timeoutMs: 1000 }, systemClock, never)).output, argv[2]);
  const where = await run({ argv: ["pwd"], timeoutMs: 1000, cwd }, systemClock, never);
  assert.equal(where.output, `${cwd}\n`);
});

test("only the end of a long output is kept, and characters stay whole", async () => {
  const { output } = await sh("yes '€€€€€€€€€€' | head -n 9000");
  assert.equal(output.length, 64 * 1024);
  assert.ok(output.endsWith("€€€€€€€€€€\n"));
  assert.equal(output.includes("\ufffd"), false);
});

test("a command is terminated at its time limit, even if it ignores SIGTERM", async () => {
  const slow = await sh("sleep 60", 100);
  assert.deepEqual([slow.ok, slow.how], [false, "timed out after 100ms"]);
  const deaf = await sh("trap '' TERM; echo deaf; while :; do sleep 0.05; done", 300);
  assert.deepEqual([deaf.ok, deaf.output, deaf.how], [false, "deaf\n", "timed out after 300ms"]);
});

test("a grandchild that keeps the output open is not waited for", async () => {
  const startedMs = performance.now();
  const { ok } = await sh("sleep 30 & exit 0");
  assert.equal(ok, true);
  assert.ok(performance.now() - startedMs < 15_000);
});

test("an abort terminates the command and rejects with the reason", async () => {
  const ending = new AbortController();
  const rejected = assert.rejects(sh("sleep 60", 60_000, ending.signal), new Error("stop"));
  ending.abort(new Error("stop"));
  await rejected;
  await assert.rejects(sh("true", 1000, ending.signal), new Error("stop"));
});

test("the last lines have no leading timestamps, and are cleaned before empty ones are dropped", () => {
  const text = "2026/11/21 04:12:08 worker 7 failed\n2026-11-21T04:12:09Z worker 8 failed\nnoise\n";
  assert.deepEqual(lastLines(text), ["worker 7 failed", "worker 8 failed", "noise"]);
  const clean = (line: string) => line.replace(/ \d+/, "").replace("noise", "");
  assert.deepEqual(lastLines(text, clean), ["worker failed", "worker failed"]);
  const finished = { ok: false, code: 2, output: text, how: "exit code 2" };
  assert.equal(failureSummary(finished, clean), "exit code 2: worker failed | worker failed");
});
