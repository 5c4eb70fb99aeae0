import type { Clock } from "../base/clock.ts";
import type { Address } from "../model/endpoint.ts";
import type { Reading, Verdict } from "../model/verdict.ts";

/** One way to ask whether something is well. */
export interface Check {
  /** What is asked, in words: `http GET http://10.0.0.1:80/healthz`. */
  readonly title: string;
  /**
   * Asks once. A refused connection, a wrong answer and no answer in time are readings, not errors:
   * rejects only when `signal` aborts. The check keeps its own time limit. Once it has settled, nothing
   * that it opened or started is left.
   */
  probe(signal: AbortSignal): Promise<Reading>;
}

/** What a check is pointed at unless its own configuration says otherwise. */
export type Target = Address;

/** What a check is handed besides its configuration and its target. */
export interface CheckDeps {
  readonly clock: Clock;
}

/** How many equal answers it takes to believe them. */
export interface Thresholds {
  /** How many good readings in a row make a target that is down count as up. */
  readonly rise: number;
  /** How many bad readings in a row make a target that is up count as down. */
  readonly fall: number;
}

/** When to ask, and how many equal answers it takes to believe them. */
export interface Schedule extends Thresholds {
  readonly intervalMs: number;
}

/** What is concluded so far, and how many readings in a row have spoken against it. */
export interface Standing {
  readonly verdict: Verdict;
  readonly against: number;
}

/** What is known of one check of one subject. */
export interface CheckHealth extends Standing {
  readonly title: string;
  /** What the last bad reading said; undefined once the check is up and its last reading was good. */
  readonly why: string | undefined;
  /** Since when the verdict is what it is, on the clock of the agent. */
  readonly sinceMs: number;
}

/** What is known of one subject: the verdict of all its checks together, and each of them. */
export interface Health {
  readonly verdict: Verdict;
  readonly checks: readonly CheckHealth[];
}

/** What is watched: plain data, so that the same subject is recognised when it is named again. */
export interface Subject<Config> {
  /** Unique among the subjects. */
  readonly id: string;
  readonly target: Target;
  /** All of them must pass; a subject without checks is up. */
  readonly checks: readonly Config[];
}
