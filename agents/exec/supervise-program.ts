import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { delayMs } from "../../lib/base/retry.ts";
import { abortable, never, race } from "../../lib/base/signal.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { ExecPlan } from "../../lib/config/plan.ts";
import { faults } from "../faults.ts";
import { type Child, type Ended, startChild } from "./child.ts";
import type { Program } from "./program.ts";

/** The wait before a program that has ended by itself is started again. */
const backoff = { firstMs: 1000, maxMs: 30_000 };

/** A program that has run for so long is started again after the first wait, in milliseconds. */
const steadyMs = 60_000;

/** What a program is started with, and what it reacts to. */
export interface Supervised {
  readonly plan: Pick<ExecPlan, "onChange" | "stop" | "stopTimeoutMs" | "restart">;
  readonly program: Program;
  /** The environment at this moment. */
  readonly env: () => Readonly<Record<string, string | undefined>>;
  readonly isInteractive: boolean;
  /** Counts the changes of what it has read when it was started, and describes the last one. */
  readonly changes: Cell<string>;
  /** How long its instances are drained before a restart, in milliseconds. */
  readonly drainMs: () => number;
}

export interface SuperviseDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly reporter: FaultReporter;
}

/**
 * Starts the program, and starts it again as the plan has it. When the signal aborts, stops it and throws the reason; returns when it has
 * ended by itself and is not to be started again.
 */
export async function superviseProgram(
  supervised: Supervised,
  deps: SuperviseDeps,
  signal: AbortSignal,
): Promise<void> {
  const { plan, program } = supervised;
  const { clock, random, log, reporter } = deps;
  for (let failures = 0; ; ) {
    const startedMs = clock.now();
    const end = await runOnce(supervised, deps, signal);
    if (end === "to restart") continue;
    const { how, code } = end;
    log.warn("program_ended", `${program.name} has ended: ${how}`, { code, how });
    if (plan.restart === "never") return;
    failures = clock.now() - startedMs >= steadyMs ? 1 : failures + 1;
    const waitMs = delayMs(failures, backoff, random);
    reporter.report(faults.AGENT_PROGRAM_ENDED({ name: program.name, how }), waitMs);
    await clock.sleep(waitMs, signal);
  }
}

/** Runs it until it ends by itself, or has ended since a change asks for a restart. */
async function runOnce(
  supervised: Supervised,
  deps: SuperviseDeps,
  signal: AbortSignal,
): Promise<Ended | "to restart"> {
  const { plan, program, changes, env, isInteractive } = supervised;
  const { log, reporter } = deps;
  let seen = changes.version;
  const child = startChild({ argv: program.argv, env: env(), isInteractive });
  const { pid } = child;
  if (pid !== undefined) {
    program.started(child);
    log.info("program_started", `started ${program.name} (process ${pid})`, { pid });
    reporter.resolved();
  }
  try {
    for (;;) {
      const end = await race<Ended | undefined>(
        signal,
        (s) => abortable(child.ended, s),
        (s) => changes.newer(seen, s).then(() => undefined),
      );
      if (end) return end;
      seen = changes.version;
      if (plan.onChange === "restart") return await leave(child, supervised, deps, signal);
      if (plan.onChange !== "nothing") {
        signalProgram(child, plan.onChange, supervised, deps);
      }
    }
  } catch (error) {
    await stop(child, supervised, deps);
    throw error;
  } finally {
    // What is left of its process group would hold its ports and files.
    child.kill();
    program.hasEnded(await child.ended);
  }
}

/** Drains its instances, and stops it. */
async function leave(
  child: Child,
  { program, changes, drainMs, ...supervised }: Supervised,
  deps: SuperviseDeps,
  signal: AbortSignal,
): Promise<Ended | "to restart"> {
  const { clock, log } = deps;
  const why = `it is restarted, since ${changes.value}`;
  log.info("program_restarts", `${program.name} is restarted, since ${changes.value}`);
  program.leaving(why);
  const end = await race<Ended | undefined>(
    signal,
    (s) => abortable(child.ended, s),
    (s) => clock.sleep(drainMs(), s).then(() => undefined),
  );
  if (end) return end;
  await stop(child, { program, changes, drainMs, ...supervised }, deps);
  return "to restart";
}

function signalProgram(
  child: Child,
  name: NodeJS.Signals,
  { program, changes }: Supervised,
  { log }: SuperviseDeps,
): void {
  const sentence = `sent ${name} to ${program.name}, since ${changes.value}`;
  log.info("program_signalled", sentence, { signal: name });
  child.signal(name);
}

/** Asks the program to end, and kills its process group if it has not ended in time. */
async function stop(
  child: Child,
  { plan: { stop: name, stopTimeoutMs }, program }: Supervised,
  { clock, log }: SuperviseDeps,
): Promise<void> {
  child.signal(name);
  const startMs = clock.now();
  const onTimeout = () => {
    const limit = formatDuration(stopTimeoutMs);
    const sentence = `${program.name} did not end within ${limit} of ${name}: its process group is killed`;
    log.warn("program_killed", sentence, { signal: name });
    child.kill();
    return child.ended;
  };
  const ended = await withTimeout(
    stopTimeoutMs,
    (s) => abortable(child.ended, s),
    onTimeout,
    clock,
    never,
  );
  const { how, code } = ended;
  const took = formatDuration(clock.now() - startMs);
  const sentence = `${program.name} has ended, ${took} after ${name}: ${how}`;
  log.info("program_stopped", sentence, { code, how });
}
