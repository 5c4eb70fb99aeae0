/** A fault: its code and its sentence. */
export interface FaultStatus {
  readonly code: string;
  readonly message: string;
  /** The state until the fault is resolved, such as `the previous file is kept`; absent if there is nothing to add. */
  readonly consequence?: string;
}

/** `unknown` until a loop has succeeded or failed for the first time. */
export type LoopState = "unknown" | "ok" | "failing";

export interface LoopStatus {
  readonly name: string;
  readonly state: LoopState;
  /** Since when the state has not changed. */
  readonly since: string;
  /** When it last succeeded or failed. */
  readonly last: string;
  /** When it had to report; absent where that is not over yet. Such a loop is stalled. */
  readonly overdueSince?: string;
  readonly fault?: FaultStatus;
}
