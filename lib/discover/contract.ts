import type { Instance } from "../model/instance.ts";

/** One way to know who is here. `Check` is the configuration of a check, which this stage only hands on. */
export interface Discovery<Check = unknown> {
  /**
   * Yields all that is found: at once, and again after each change. What could not be found out is never taken
   * for "gone": out of reach, it keeps its last answer or throws a retryable fault. Whoever has not changed is
   * the same object as before. Ends only when `signal` aborts, by rejecting with its reason.
   */
  discover(signal: AbortSignal): AsyncIterable<Discovered<Check>>;
}

/** All that a discovery has found. */
export interface Discovered<Check = unknown> {
  /** No two of them have both service and id in common. */
  readonly found: readonly FoundInstance<Check>[];
  /** What is left out because it says something that makes no sense. */
  readonly quarantined: readonly QuarantinedItem[];
}

/** An instance, what is to be asked of it, and what whoever runs it says of it. */
export interface FoundInstance<Check = unknown> {
  readonly instance: Instance;
  /** All of them must pass, besides what `standing` says. */
  readonly checks: readonly Check[];
  readonly standing: Standing;
}

/** What is known without asking the instance: `draining` is what is well and about to end. */
export type Standing =
  | { readonly state: "up" }
  | { readonly state: "down"; readonly why: string }
  | { readonly state: "draining"; readonly why: string };

/** Something that is left out, and why: what was found, and what was expected. */
export interface QuarantinedItem {
  readonly what: string;
  readonly why: string;
}

/**
 * Makes the configuration of a check of plain data that is written as in a configuration file. Where it cannot,
 * `field` says which part of it makes no sense: empty for the whole.
 */
export type ReadCheck<Check> = (
  raw: RawCheck,
) => { readonly check: Check } | { readonly field: string; readonly why: string };

/** A check as it is written in a configuration. */
export type RawCheck = Readonly<Record<string, unknown>> & { readonly type: string };
