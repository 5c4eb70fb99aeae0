import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import { explain } from "../../lib/health/combine.ts";
import type { Subject } from "../../lib/health/contract.ts";
import { type CheckConfig, createCheck } from "../../lib/health/kinds.ts";
import { Pacer } from "../../lib/health/pacer.ts";
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
  const pacer = new Pacer();
  const probing = {
    clock,
    random,
    createCheck: (config: CheckConfig, target: Subject<CheckConfig>["target"]) => {
      const check = trackedCheck(createCheck(config, target, { clock }), config.timeout, loop);
      return config.ofLabels ? pacer.paced(check) : check;
    },
    onVerdict: (change: VerdictChange) => logVerdict(change, log),
  };
  await runAll(
    signal,
    (s) => toSubjects(found, subjects, s),
    (s) => watchHealth(subjects, health, probing, s),
    (s) => pacer.run({ clock, onDelayed: (isDelayed) => logDelay(isDelayed, log) }, s),
  );
}

function logDelay(isDelayed: boolean, log: Log): void {
  if (isDelayed) {
    const sentence =
      "labels of containers ask for more than 1000 probes per second: each check of theirs runs less often than asked for; " +
      "set longer intervals";
    log.warn("label_checks_delayed", sentence);
  } else {
    log.info("label_checks_on_time", "the checks of containers' labels run as often as asked for");
  }
}

function logVerdict({ id, before, health }: VerdictChange, log: Log): void {
  const { verdict } = health;
  const why = explain(health);
  const write = verdict === "down" ? log.warn : log.info;
  write("health_changed", `${id} is ${adjective[verdict]}${why && ` (${why})`}`, {
    id,
    verdict,
    before,
    why,
  });
}

const adjective = { up: "healthy", down: "unhealthy", unknown: "unknown" } as const;
