import type { Clock } from "../base/clock.ts";
import type { Backoff } from "../base/retry.ts";
import type { Instance } from "../model/instance.ts";

/**
 * A place beside the keyspace in which instances are registered, such as a load balancer. Every call can be repeated: it
 * asks for a state, and a state that is there already is no error. A call makes one attempt of its own; its caller
 * retries. Each rejects with a retryable fault, or with the reason of its signal. Faults, names and descriptions contain no
 * secret. At most one call is in progress at a time.
 */
export interface Destination extends AsyncDisposable {
  /** For display, without credentials: `elb/bcwaldon-fleet-lb`, `targetGroup/my-targets`, `consul/127.0.0.1:8500`. */
  readonly name: string;
  readonly pace: Pace;
  /** Whether a draining instance stays registered, marked as draining; without it, it is deregistered. */
  readonly keepsDraining: boolean;
  /**
   * How the requests are made, as far as it is known by now, one part each: `region us-west-2 (AWS_REGION)`, `credentials of
   * the instance role web`, `proxy http://10.0.0.1:3128`.
   */
  describe(): readonly string[];
  /**
   * Two instances with an equal registration share it: a classic load balancer registers machines and not ports. The
   * registration goes with the last of them: do not pass an instance to `deregister` while another one needs it.
   */
  registrationOf(instance: Instance): string;
  /**
   * Registers the instances. Resolves once that is accepted, which is before it takes effect: see `observe`. One that is
   * rejected does not keep the others from being registered; the call rejects after that.
   */
  register(instances: readonly Wanted[], signal: AbortSignal): Promise<void>;
  /** Deregisters the instances. Resolves once that is accepted; requests in progress may then still drain. */
  deregister(instances: readonly Wanted[], signal: AbortSignal): Promise<void>;
  /** The state of each of the instances as the destination reports it, by `Wanted.name`. Each has one. */
  observe(
    instances: readonly Wanted[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Observed>>;
  /**
   * Whether it would serve requests without these instances: whether it reports another one as healthy. True where that
   * makes no difference.
   */
  servesWithout(instances: readonly Wanted[], signal: AbortSignal): Promise<boolean>;
}

/** How often to ask, in milliseconds before jitter. Requests may be limited for all machines together. */
export interface Pace {
  /** Between two observations while an instance is in transition. */
  readonly transitionMs: number;
  /** Between two registrations of what is registered already. */
  readonly reassertMs: number;
  /** After a fault. */
  readonly backoff: Backoff;
}

/** An instance to register, deregister or observe. */
export interface Wanted {
  /** `service/id`. */
  readonly name: string;
  readonly instance: Instance;
  /** Only where the destination `keepsDraining`. */
  readonly isDraining: boolean;
}

/** The state of an instance in a destination. */
export interface Observed {
  /**
   * - `absent`: not registered, and no request of it drains any more;
   * - `registering`: accepted, gets no requests yet;
   * - `serving`: healthy for the destination, gets requests;
   * - `failing`: registered, but gets no requests, or its state is unknown to the destination;
   * - `draining`: deregistered or marked as draining; requests in progress may still be answered.
   */
  readonly state: ObservedState;
  /** The destination's words: `Elb.InitialHealthChecking: Initial health checks in progress`; empty if it has none. */
  readonly why: string;
}

export type ObservedState = "absent" | "registering" | "serving" | "failing" | "draining";

/** What became of a request to a destination, for metrics. */
export type RequestResult = "ok" | "throttled" | "refused" | "unreachable";

export interface DestinationDeps {
  readonly clock: Clock;
  /** Milliseconds since 1970 on the clock of this machine: requests are signed with their time. */
  readonly wallMs: () => number;
  /** A number in [0, 1), so that many machines do not act in step. */
  readonly random: () => number;
  /** The environment: region, credentials, proxies. */
  readonly env: Env;
  /** Called after each request to the destination itself, and not to sources of credentials. */
  readonly onRequest?: (result: RequestResult) => void;
}

/** The variables of an environment. */
export type Env = Readonly<Record<string, string | undefined>>;
