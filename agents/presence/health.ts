import { BatchedClock } from "../../lib/base/batched-clock.ts";
import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { FaultReports } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { openFileLimit } from "../../lib/base/open-file-limit.ts";
import { runAll } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import { explain } from "../../lib/health/combine.ts";
import type { Subject } from "../../lib/health/contract.ts";
import { type CheckConfig, createCheck, isTripwire } from "../../lib/health/kinds.ts";
import { Pacer, probesPerSecond } from "../../lib/health/pacer.ts";
import { defaultProbes, ProbeLimiter } from "../../lib/health/probe-limiter.ts";
import { CheckTriggers } from "../../lib/health/triggers.ts";
import { Tripwire } from "../../lib/health/tripwire.ts";
import { type VerdictChange, watchHealth } from "../../lib/health/watch.ts";
import type { Reading } from "../../lib/model/verdict.ts";
import { type Liveness, withLiveness } from "../../lib/status/liveness.ts";
import { faults } from "../faults.ts";
import { Shortages } from "./shortages.ts";
import type { PresenceState } from "./state.ts";
import { type PresenceLoops, trackedCheck } from "./status.ts";
import { toSubjects } from "./subjects.ts";

export interface HealthDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Called after each probe with the type of its check and its duration in milliseconds, for metrics. */
  readonly onProbe?: (type: string, tookMs: number) => void;
  /** Through which other parts of the process run the checks of an instance at once, by its name. */
  readonly triggers?: CheckTriggers;
}

/** The part of the file descriptors that the process may open which connections of tripwires take at the most. */
const tripwireShare = 0.25;

/**
 * Keeps `health` equal to what the checks of the found instances conclude, and logs each change. Probes wait for a place, so
 * that they leave enough resources to the rest of the agent. A tripwire has an instance checked at once.
 */
export async function checkHealth(
  plan: Cell<Pick<PresencePlan, "maxProbes" | "tripwire">>,
  { found, health }: Pick<PresenceState, "found" | "health">,
  loops: Pick<PresenceLoops, "checks" | "labelChecks">,
  { clock, random, log, onProbe, triggers = new CheckTriggers() }: HealthDeps,
  signal: AbortSignal,
): Promise<void> {
  const { checks: loop } = loops;
  const subjects = new Cell<readonly Subject<CheckConfig>[]>([]);
  const limiter = new ProbeLimiter(mostProbes(plan.value));
  const most = Math.floor(openFileLimit() * tripwireShare);
  const tripwires = { clock, most, held: 0 };
  const reports = new FaultReports(loop.name, log, clock);
  const shortages = new Shortages(() => withLiveness(reports.reporter(), loop), clock);
  const pacer = new Pacer();
  const probing = {
    clock: new BatchedClock(clock),
    random,
    createCheck: (config: CheckConfig, target: Subject<CheckConfig>["target"], id: string) => {
      const onReading = (reading: Reading) => {
        shortages.see(reading, config.interval);
        onProbe?.(config.type, reading.tookMs);
      };
      const onClosed = () => triggers.trigger(id, "it has closed an idle connection");
      const tripwire = isTripwire(config, plan.value.tripwire)
        ? new Tripwire(tripwires, config.interval, onClosed)
        : undefined;
      const check = createCheck(config, target, { clock: probing.clock, tripwire });
      // With a tripwire a probe may be repeated.
      const limitMs = config.timeout * (tripwire ? 2 : 1);
      const limited = limiter.limited(trackedCheck(check, limitMs, loop, onReading));
      return config.ofLabels ? pacer.paced(limited) : limited;
    },
    onVerdict: (change: VerdictChange) => logVerdict(change, log),
    triggers,
    onTrigger: (id: string, why: string) =>
      log.debug("check_triggered", `${id} is checked at once: ${why}`, { id, why }),
  };
  await runAll(
    signal,
    (s) => followLimit(plan, limiter, s),
    (s) => toSubjects(found, subjects, s),
    (s) => watchHealth(subjects, health, probing, s),
    (s) =>
      pacer.run(
        { clock, onDelayed: (isDelayed) => onDelayed(isDelayed, loops.labelChecks, log) },
        s,
      ),
  );
}

function mostProbes({ maxProbes }: Pick<PresencePlan, "maxProbes">): number {
  return maxProbes ?? defaultProbes(openFileLimit());
}

/** Keeps to the limit of the plan, as that is replaced. */
async function followLimit(
  plan: Cell<Pick<PresencePlan, "maxProbes">>,
  limiter: ProbeLimiter,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    const { maxProbes } = plan.value;
    limiter.most = mostProbes(await plan.until((one) => one.maxProbes !== maxProbes, signal));
  }
}

/** Reports that the checks of labels run late, or in time again. The delay itself is no attempt that ends. */
function onDelayed(isDelayed: boolean, loop: Liveness | undefined, log: Log): void {
  if (isDelayed) {
    const fault = faults.AGENT_LABEL_CHECKS_DELAYED({ perSecond: probesPerSecond });
    loop?.fail(fault, Number.POSITIVE_INFINITY);
    log.warn("label_checks_delayed", fault.message);
  } else {
    loop?.succeed();
    log.info("label_checks_on_time", "the checks of containers' labels run as often as asked for");
  }
}

export function logVerdict({ id, before, health }: VerdictChange, log: Log): void {
  const { verdict } = health;
  const why = explain(health);
  const sentence = `${id} is ${adjective[verdict]}${why && ` (${why})`}`;
  if (verdict === "down") log.warn("health_changed", sentence, { id, verdict, before, why });
  else log.info("health_changed", sentence, { id, verdict, before, why });
}

const adjective = { up: "healthy", down: "unhealthy", unknown: "unknown" } as const;
