import { Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { race } from "../../lib/base/signal.ts";
import type { ExecPlan } from "../../lib/config/plan.ts";
import type { Fact } from "../../lib/journal/contract.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import type { RenderDeps } from "../../lib/render/template-file.ts";
import { Liveness, withLiveness } from "../../lib/status/liveness.ts";
import type { AgentFacts } from "../status.ts";
import { followVariables } from "./follow-variables.ts";
import { Program } from "./program.ts";
import { type FileGroup, StartFiles } from "./start-files.ts";
import { superviseProgram } from "./supervise-program.ts";
import { changedNames, type Values, Variables } from "./variables.ts";

export interface ExecDeps extends RenderDeps {
  readonly mounts: Mounts;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Whether standard input is a terminal. */
  readonly isInteractive: boolean;
  /** Calls the listener when this process ends, however it does, until the result is disposed of. */
  readonly onExit: (listener: () => void) => Disposable;
  /** Hands these signals of this process to `take` until the result is disposed of; they have no other effect then. */
  readonly onForwarded: (
    names: readonly NodeJS.Signals[],
    take: (name: NodeJS.Signals) => void,
  ) => Disposable;
}

/** What the program depends on beside its own settings. */
export interface ExecSettings {
  readonly argv: readonly string[];
  /** How long its instances are drained before a restart, in milliseconds. */
  readonly drainMs: () => number;
  /** The files that it reads when it starts; called when the agent runs. */
  readonly files: () => readonly (FileGroup & { readonly isOfProxy: boolean })[];
  /** Distinguishes this process from all others. */
  readonly id: string;
}

/** Runs a program: its files are there before it starts, and its instances are drained before it is stopped. */
export interface Exec extends Service {
  readonly program: Program;
  /** Call with each reconciliation of files. */
  onFact(fact: Fact): void;
  status(): AgentFacts;
}

/**
 * files and variables → program, until the signal of `run` aborts: then the program is stopped. `run` returns once it has ended
 * by itself and is not to be started again. Throws RENDER_SYNTAX or RENDER_UNKNOWN_NAME of a variable.
 */
export function createExec(plan: ExecPlan, settings: ExecSettings, deps: ExecDeps): Exec {
  const { mounts, clock, random, log } = deps;
  const { ownFolders: hidden } = mounts;
  const variables = new Variables({ ...plan, hidden }, deps);
  const values = new Cell<Values | undefined>(variables.names.length > 0 ? undefined : {});
  const program = new Program(settings.argv, settings.id);
  const startFiles = new StartFiles();
  const changes = new Cell("");
  const running = new Liveness(`running ${program.name}`, clock);
  const following = new Liveness("following the keyspace for exec.env", clock);
  const rendering = new Liveness("rendering exec.env", clock);
  const reporterOf = (loop: Liveness) =>
    withLiveness(new FaultReports(loop.name, log, clock).reporter(), loop);
  const reporter = reporterOf(running);
  const reporters = { keyspace: reporterOf(following), rendering: reporterOf(rendering) };

  const start = async (s: AbortSignal) => {
    const onWaiting = (targets: readonly string[]) => {
      const what = targets.length > 0 ? targets.join(", ") : "files that are there already";
      log.warn("program_waits", `${program.name} is not started yet: it waits for ${what}`, {
        targets,
      });
    };
    const earlier = await startFiles.ready(settings.files(), onWaiting, clock, s);
    if (earlier.length > 0) {
      const sentence = `${program.name} is started with earlier files, since these could not be written: ${earlier.join(", ")}`;
      log.warn("program_has_earlier_files", sentence, { targets: earlier });
    }
    await untilAny([values], () => values.value !== undefined, s);
    const env = () => ({ ...deps.env, ...values.value });
    const { drainMs } = settings;
    const supervised = { plan, program, env, changes, drainMs, isInteractive: deps.isInteractive };
    await superviseProgram(supervised, { clock, random, log, reporter }, s);
  };
  const followValues = async (s: AbortSignal) => {
    for (let before = values.value; ; before = values.value) {
      const { version } = values;
      await values.newer(version, s);
      if (!before) continue;
      const names = changedNames(before, values.value ?? {});
      const sentence = `variables of ${program.name} have changed: ${names.join(", ")}`;
      log.info("variables_changed", sentence, { names, action: plan.onChange });
      changes.set(`${names.join(", ")} has changed`);
    }
  };
  return {
    program,
    onFact(fact) {
      const { isRepeated, generation } = fact;
      startFiles.onFact(generation);
      if (program.pid === undefined || isRepeated || generation.how !== "written") return;
      const group = settings.files().find(({ title }) => title === generation.group);
      if (group && !group.isOfProxy) changes.set(`${group.title} has changed`);
    },
    async run(signal) {
      using _exit = deps.onExit(() => program.kill());
      using _signals = deps.onForwarded(plan.forward, (name) => program.signal(name));
      const follow = (s: AbortSignal) =>
        followVariables(variables, values, { mounts, clock, random, reporters }, s);
      await race(signal, start, followValues, ...(variables.names.length > 0 ? [follow] : []));
    },
    status: () => ({
      loops: [running, ...(variables.names.length > 0 ? [following, rendering] : [])].map((one) =>
        one.facts(),
      ),
      keyspaceLoops: variables.names.length > 0 ? [following.facts()] : [],
    }),
  };
}
