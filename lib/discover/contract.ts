import type { Instance } from "../model/instance.ts";

/** One way to know which instances there are. */
export interface Discovery {
  /**
   * Yields all instances that there are: at once, and again after each change. What could not be found
   * out is never taken for "gone": out of reach, it keeps its last answer or throws a retryable fault.
   * Ends only when `signal` aborts, by rejecting with its reason.
   */
  instances(signal: AbortSignal): AsyncIterable<readonly Instance[]>;
}
