import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import { explain } from "../../lib/health/combine.ts";
import type { Subject } from "../../lib/health/contract.ts";
import { type CheckConfig, createCheck } from "../../lib/health/kinds.ts";
import { type VerdictChange, watchHealth } from "../../lib/health/watch.ts";
import type { Liveness } from "../../lib/status/liveness.ts";
import type { PresenceState } from "./state.ts";
import { trackedCheck } from "./status.ts";
import { toSubjects } from "./subjects.ts";

export interface HealthDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** Keeps `health` equal to what the checks of the found instances conclude, and logs each change. */
export async function checkHealth(
  { found, health }: Pick<PresenceState, "found" | "health">,
  loop: Liveness,
  { clock, random, log }: HealthDeps,
  signal: AbortSignal,
): Promise<void> {
  const subjects = new Cell<readonly Subject<CheckConfig>[]>([]);
  const probing = {
    clock,
    random,
    createCheck: (config: CheckConfig, target: Subject<CheckConfig>["target"]) =>
      trackedCheck(createCheck(config, target, { clock }), config.timeout, loop),
    onVerdict: (change: VerdictChange) => logVerdict(change, log),
  };
  await runAll(
    signal,
    (s) => toSubjects(found, subjects, s),
    (s) => watchHealth(subjects, health, probing, s),
  );
}

function logVerdict({ id, before, health }: VerdictChange, log: Log): void {
  const { verdict } = health;
  const why = explain(health);
  const sentence = `${id} is ${adjective[verdict]}${why && ` (${why})`}`;
  if (verdict === "down") log.warn("health_changed", sentence, { id, verdict, before, why });
  else log.info("health_changed", sentence, { id, verdict, before, why });
}

const adjective = { up: "healthy", down: "unhealthy", unknown: "unknown" } as const;
