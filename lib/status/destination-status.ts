import type { FaultStatus, LoopState } from "./loop-status.ts";

/** The state of an instance in a destination, such as a load balancer. */
export interface InstanceDestinationStatus {
  /** That of the destination: `elb/front`. */
  readonly name: string;
  /** As the destination has reported it last; `unknown` until it was requested or observed. */
  readonly state: "unknown" | "absent" | "registering" | "serving" | "failing" | "draining";
  /** Absent where the state is unknown. */
  readonly since?: string;
  /** The words of the destination; empty if it has none. */
  readonly why: string;
  readonly registered: boolean;
  /** It is unhealthy, and stays since nothing else is healthy there; absent otherwise. */
  readonly kept?: true;
}

/** A place beside the keyspace in which instances are registered. */
export interface DestinationStatus {
  /** Without credentials: `elb/front`. */
  readonly name: string;
  /** How its requests are made, as far as it is known. */
  readonly settings: readonly string[];
  /** Whether the last requests succeeded. */
  readonly state: LoopState;
  /** Since when the state has not changed. */
  readonly since: string;
  readonly fault?: FaultStatus;
}
