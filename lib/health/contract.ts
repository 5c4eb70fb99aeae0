import type { Address } from "../model/endpoint.ts";
import type { Reading } from "../model/verdict.ts";

/** One way to ask whether something is well. */
export interface Check {
  /** What is asked, in words: `http GET http://10.0.0.1:80/healthz`. */
  readonly title: string;
  /**
   * Asks once. A refused connection, a wrong answer and no answer in time are readings, not errors:
   * rejects only when `signal` aborts. The check keeps its own time limit.
   */
  probe(signal: AbortSignal): Promise<Reading>;
}

/** What a check is pointed at unless its own configuration says otherwise. */
export type Target = Address;

/** When to ask, and how many equal answers it takes to believe them. */
export interface Schedule {
  readonly intervalMs: number;
  /** How many good readings in a row make a target that is down count as up. */
  readonly rise: number;
  /** How many bad readings in a row make a target that is up count as down. */
  readonly fall: number;
}
