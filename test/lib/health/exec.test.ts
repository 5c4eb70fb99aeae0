import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Clock, systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import { lastLine } from "../../../lib/health/exec.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

const target = { host: "10.0.0.1", port: 80 };

const check = (command: readonly string[], more: object = {}, clock: Clock = systemClock) =>
  createCheck(checkSchema.parse({ type: "exec", timeout: "10s", command, ...more }), target, {
    clock,
  });

async function read(...command: string[]): Promise<string> {
  const reading = await check(command).probe(never);
  return reading.ok ? "healthy" : reading.why;
}

/** Whether a process runs: a zombie does not. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) [ZX] /.test(stat);
}

async function noneRuns(pids: readonly number[]): Promise<boolean> {
  const running = await Promise.all(pids.map(runs));
  return !running.includes(true);
}

test("exit code 0 is healthy; otherwise the reason is how it ended and the last line of output", async () => {
  assert.equal(await read("true"), "healthy");
  assert.equal(await read("sh", "-c", "exit 3"), "exit code 3");
  assert.equal(await read("sh", "-c", "echo one; echo two >&2; exit 1"), "exit code 1: two");
  assert.equal(await read("sh", "-c", "kill -9 $$"), "killed by SIGKILL");
});

test("a program that does not exist is a reading", async () => {
  assert.match(await read("/no/such/program"), /cannot be started: .*ENOENT/);
});

test("{host} and {port} are replaced by the address of the target, without a shell", async () => {
  const failing = check(["sh", "-c", 'echo "$1"; exit 1', "sh", "at {host}:{port} $(x)"]);
  assert.match(failing.title, /^exec sh .* at 10\.0\.0\.1:80 /);
  const reading = await failing.probe(never);
  assert.equal(reading.ok ? "" : reading.why, "exit code 1: at 10.0.0.1:80 $(x)");
});

test("a program that hangs is terminated with its whole process group", async (t) => {
  const file = join(await throwAwayFolder(t), "pids");
  const script = `sleep 60 & echo $$ $! > ${file}; wait`;
  const reading = await check(["sh", "-c", script], { timeout: "1s" }).probe(never);
  assert.equal(reading.ok ? "" : reading.why, "timed out after 1s");
  const pids = (await readFile(file, "utf8")).trim().split(" ").map(Number);
  assert.equal(pids.length, 2);
  await eventually("both processes have ended", () => noneRuns(pids));
});

test("an abort terminates the program with its whole process group, and rejects with its reason", async (t) => {
  const file = join(await throwAwayFolder(t), "pids");
  const ending = new AbortController();
  const script = `sleep 60 & echo $$ $! > ${file}; wait`;
  const probing = check(["sh", "-c", script], { timeout: "60s" }).probe(ending.signal);
  const rejected = assert.rejects(probing, new Error("stop"));
  const pids = await eventually("the program runs", async () => {
    const text = await readFile(file, "utf8");
    return text.endsWith("\n") && text.trim().split(" ").map(Number);
  });
  ending.abort(new Error("stop"));
  await rejected;
  await eventually("both processes have ended", () => noneRuns(pids));
});

const outputs: readonly [output: string, last: string][] = [
  ["", ""],
  ["one\ntwo\n", "two"],
  ["one\n  \n\n", "one"],
  ["\x1b[31mred\x1b[0m\n", "red"],
  ["50 %\r100 %\r\n", "100 %"],
  ["a\x07b", "a b"],
  ["x".repeat(300), "x".repeat(200)],
];

for (const [output, last] of outputs) {
  test(`the last line of ${JSON.stringify(output.slice(0, 20))}`, () => {
    assert.equal(lastLine(output), last);
  });
}
