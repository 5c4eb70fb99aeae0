import type { Instance } from "../model/instance.ts";

/** A source of instances. `Check` is the configuration of a check, which this stage only passes on. */
export interface Discovery<Check = unknown> {
  /**
   * Yields all instances: first as soon as they are known, then after each change. A failure never removes an instance:
   * if its source is unreachable, a discovery keeps its last result or throws a retryable fault. Unchanged instances keep
   * their identity. Ends only when `signal` aborts, by rejecting with its reason.
   */
  discover(signal: AbortSignal): AsyncIterable<Discovered<Check>>;
}

/** The complete result of a discovery. */
export interface Discovered<Check = unknown> {
  /** Unique by service and id. */
  readonly found: readonly FoundInstance<Check>[];
  /** Items that are not registered because their configuration is invalid. */
  readonly quarantined: readonly QuarantinedItem[];
}

/** A discovered instance, its checks, and its state as reported by its runtime. */
export interface FoundInstance<Check = unknown> {
  readonly instance: Instance;
  /** All of them must pass, in addition to `standing`. */
  readonly checks: readonly Check[];
  readonly standing: Standing;
  /**
   * Identifies the current run of its process, such as a container since its last start: after a restart it has another one.
   * Undefined if runs are not distinguished.
   */
  readonly run?: string;
}

/** The state known without a check of the instance: `draining` is healthy and about to stop. */
export type Standing =
  | { readonly state: "up" }
  | { readonly state: "down"; readonly why: string }
  | { readonly state: "draining"; readonly why: string };

/** An item that is quarantined, and the reason: the value found and the value expected. */
export interface QuarantinedItem {
  readonly what: string;
  readonly why: string;
}

/**
 * Parses the configuration of a check from plain data as in a configuration file. If it is invalid, `field` is the name of
 * the invalid field, empty for the check as a whole, and `why` the reason.
 */
export type ReadCheck<Check> = (
  raw: RawCheck,
) => { readonly check: Check } | { readonly field: string; readonly why: string };

/** A check as written in a configuration file. */
export type RawCheck = Readonly<Record<string, unknown>> & { readonly type: string };
