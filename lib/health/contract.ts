import type { Clock } from "../base/clock.ts";
import type { Address } from "../model/endpoint.ts";
import type { Reading, Verdict } from "../model/verdict.ts";
import type { Tripwire } from "./tripwire.ts";

/** A health check of a target. */
export interface Check {
  /** Describes the check: `http GET http://10.0.0.1:80/healthz`. */
  readonly title: string;
  /**
   * Probes once. A refused connection, an unexpected response and a timeout are readings, not errors:
   * rejects only when `signal` aborts. The check enforces its own time limit. Once settled, no socket or process
   * of the probe is left, but for a connection that the tripwire holds until `signal` aborts.
   */
  probe(signal: AbortSignal): Promise<Reading>;
}

/** The address to probe, unless the configuration of the check has another one. */
export type Target = Address;

/** The dependencies of a check. */
export interface CheckDeps {
  readonly clock: Clock;
  /** Takes over the connections of probes that have found the target healthy. Absent if they are to be closed. */
  readonly tripwire?: Tripwire | undefined;
}

/** The number of consecutive readings that change a verdict. */
export interface Thresholds {
  /** Good readings in a row after which a target that is down is up. */
  readonly rise: number;
  /** Bad readings in a row after which a target that is up is down. */
  readonly fall: number;
}

/** The interval between probes, and the thresholds. */
export interface Schedule extends Thresholds {
  readonly intervalMs: number;
}

/** The verdict so far, and the number of consecutive readings that contradict it. */
export interface Standing {
  readonly verdict: Verdict;
  readonly against: number;
}

/** The health of one check of a subject. */
export interface CheckHealth extends Standing {
  readonly title: string;
  /** The reason of the last bad reading; undefined once the check is up and its last reading was good. */
  readonly why: string | undefined;
  /** The time of the last change of the verdict: milliseconds on the agent's clock. */
  readonly sinceMs: number;
}

/** The health of a subject: the combined verdict of its checks, and each of them. */
export interface Health {
  readonly verdict: Verdict;
  readonly checks: readonly CheckHealth[];
}

/** A checked target: plain data, so that an unchanged subject is recognized. */
export interface Subject<Config> {
  /** Unique among the subjects. */
  readonly id: string;
  readonly target: Target;
  /** Identifies the run of its process, if runs are distinguished: another run starts again as unknown. */
  readonly run?: string;
  /** All of them must pass. A subject without checks is up. */
  readonly checks: readonly Config[];
}
