import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Program } from "../../../agents/exec/program.ts";
import { type Supervised, superviseProgram } from "../../../agents/exec/supervise-program.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";

const usual = {
  onChange: "nothing",
  stop: "SIGTERM",
  stopTimeoutMs: 5000,
  restart: "never",
} as const;

/** A shell script that is supervised; `$OUT` is a file for what it writes. */
async function scene(t: TestContext, script: string, plan: Partial<Supervised["plan"]> = {}) {
  const out = join(await throwAwayFolder(t), "out");
  const clock = new ManualClock();
  const log = new RecordingLog();
  const program = new Program(["sh", "-c", script], "test");
  const changes = new Cell("");
  const waits: number[] = [];
  const reporter = {
    report: (_: unknown, waitMs: number) => void waits.push(waitMs),
    resolved: () => {},
  };
  const env = () => ({ ...process.env, OUT: out });
  const supervised = { plan: { ...usual, ...plan }, program, env, changes, isInteractive: false };
  const stopping = new AbortController();
  const { signal } = stopping;
  const deps = { clock, random: () => 1, log, reporter };
  const ended = untilAborted(
    signal,
    superviseProgram({ ...supervised, drainMs: () => 300 }, deps, signal),
  );
  t.after(async () => {
    program.kill();
    stopping.abort();
    await ended;
  });
  const written = async () =>
    (await readFile(out, "utf8").catch(() => "")).split("\n").slice(0, -1);
  const writes = (line: string) =>
    eventually(`it writes ${line}`, async () => (await written()).includes(line));
  return {
    clock,
    log,
    program,
    changes,
    waits,
    ended,
    written,
    writes,
    stop: () => stopping.abort(),
  };
}

test("the end of a program is the standing of its instances, and its code that of a shell", async (t) => {
  for (const [script, code, how] of [
    ["exit 7", 7, "exit code 7"],
    ["kill -9 $$", 137, "killed by SIGKILL"],
    ["exec /nonexistent/program", 127, "exit code 127"],
  ] as const) {
    const { program, ended } = await scene(t, script);
    await ended;
    assert.deepEqual(program.ended, { code, how });
    const why = `sh has ended: ${how}`;
    assert.deepEqual(program.standing.value, { standing: { state: "down", why }, run: "test.1" });
    assert.equal(program.pid, undefined);
  }
});

test("a program that cannot be started has ended with 127, and never had instances", async (t) => {
  const log = new RecordingLog();
  const program = new Program([join(await throwAwayFolder(t), "missing")], "test");
  const supervised = { plan: usual, program, env: () => ({}), changes: new Cell("") };
  const reporter = { report: () => {}, resolved: () => {} };
  const deps = { clock: new ManualClock(), random: () => 1, log, reporter };
  const { signal } = new AbortController();
  await superviseProgram({ ...supervised, isInteractive: false, drainMs: () => 0 }, deps, signal);
  assert.equal(program.ended?.code, 127);
  assert.match(program.ended?.how ?? "", /cannot be started: spawn .*missing ENOENT/);
  assert.equal(program.standing.value, undefined);
  assert.deepEqual(log.events, ["program_ended"]);
});

test("what a program leaves behind in its process group is killed when it ends", async (t) => {
  const { ended, written } = await scene(t, "sleep 600 & echo $! >$OUT; exit 0");
  await ended;
  const [left] = await written();
  await eventually("the process has ended", async () => {
    const stat = await readFile(`/proc/${left}/stat`, "utf8").catch(() => ") Z");
    return /\) [ZX]/.test(stat);
  });
});

test("a stop asks first, and kills the process group of a program that does not end in time", async (t) => {
  const script = "trap 'echo asked >>$OUT' TERM; echo ready >>$OUT; while :; do sleep 0.05; done";
  const { clock, stop, ended, program, log, writes } = await scene(t, script);
  await writes("ready");
  stop();
  await writes("asked");
  await clock.advance(4999);
  assert.notEqual(program.pid, undefined);
  await eventually("the limit is reached", async () => {
    await clock.advance(1);
    return log.events.includes("program_killed");
  });
  await ended;
  assert.equal(program.ended?.code, 137);
  assert.deepEqual(log.events, ["program_started", "program_killed", "program_stopped"]);
});

test("a program that ends again and again is started after ever longer waits, and at once no sooner", async (t) => {
  const { clock, waits, program } = await scene(t, "exit 1", { restart: "always" });
  for (const count of [1, 2, 3, 4, 5, 6, 7]) {
    await eventually(`end ${count}`, () => waits.length === count && program.pid === undefined);
    await eventually("it waits", async () => clock.wakesAt(clock.now() + (waits.at(-1) ?? 0)));
    await clock.advance(waits.at(-1) ?? 0);
  }
  assert.deepEqual(waits.slice(0, 7), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test("a program that has run for a minute is started again after the shortest wait", async (t) => {
  const script =
    "echo >>$OUT; test $(wc -l <$OUT) -lt 3 && exit 1; echo stays >>$OUT; exec sleep 600";
  const { clock, waits, program, writes } = await scene(t, script, { restart: "always" });
  for (const count of [1, 2]) {
    await eventually(`end ${count}`, () => waits.length === count);
    await eventually("it waits", () => clock.wakesAt(clock.now() + (waits.at(-1) ?? 0)));
    await clock.advance(waits.at(-1) ?? 0);
  }
  await writes("stays");
  await clock.advance(60_000);
  program.kill();
  await eventually("it has ended", () => waits.length === 3);
  assert.deepEqual(waits, [1000, 2000, 1000]);
});

test("a change sends the signal of the configuration", async (t) => {
  const script = "trap 'echo changed >>$OUT' HUP; echo ready >>$OUT; while :; do sleep 0.05; done";
  const { changes, log, writes } = await scene(t, script, { onChange: "SIGHUP" });
  await writes("ready");
  changes.set("a.conf has changed");
  await writes("changed");
  const [, line] = log.lines;
  assert.equal(line?.message, "sent SIGHUP to sh, since a.conf has changed");
});

test("a restart takes the instances out of service first, and starts another run", async (t) => {
  const script =
    "trap 'echo asked >>$OUT; exit 0' TERM; echo ready >>$OUT; while :; do sleep 0.05; done";
  const { changes, clock, program, writes, written } = await scene(t, script, {
    onChange: "restart",
  });
  await writes("ready");
  const { pid } = program;
  changes.set("HOST has changed");
  await eventually("it drains", () => program.standing.value?.standing.state === "draining");
  assert.deepEqual(await written(), ["ready"]);
  const startMs = clock.now();
  await eventually("the drain is over", async () => {
    // Not as far as the time limit of the stop, for the program may be slow.
    if (clock.now() - startMs < 3000) await clock.advance(300);
    return program.starts === 2;
  });
  assert.deepEqual(program.standing.value, { standing: { state: "up" }, run: "test.2" });
  assert.notEqual(program.pid, pid);
  assert.deepEqual((await written()).slice(0, 2), ["ready", "asked"]);
});
