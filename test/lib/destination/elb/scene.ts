import type { TestContext } from "node:test";
import type { Destination, RequestResult, Wanted } from "../../../../lib/destination/contract.ts";
import {
  createDestination,
  type DestinationConfig,
  destinationSchema,
} from "../../../../lib/destination/kinds.ts";
import { type Aws, type AwsOptions, startAws, userKey } from "../../../stand-in/aws.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { atEnd } from "../../../support/process.ts";

export const arn =
  "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067";

/** The environment with the key of a user. */
export const withKey = {
  AWS_REGION: "us-west-2",
  AWS_ACCESS_KEY_ID: userKey.id,
  AWS_SECRET_ACCESS_KEY: userKey.secret,
};

/** A stand-in for AWS, and destinations in it. No time passes unless the test advances it. */
export interface Scene {
  readonly aws: Aws;
  readonly clock: ManualClock;
  /** The results of requests so far. */
  readonly results: RequestResult[];
  /** Advances the clock of AWS and of this machine, milliseconds. */
  advance(ms: number): Promise<void>;
  /** The clock of this machine, milliseconds since 1970. */
  wallMs(): number;
  /** How far the clock of this machine is ahead, milliseconds; 0 at first. */
  aheadMs: number;
  /** Creates a destination. `env` is added to that which leads to the stand-in. */
  open(
    config: Partial<Record<"elb" | "targetGroup", unknown>>,
    env?: Readonly<Record<string, string>>,
  ): Promise<Destination>;
}

export async function scene(t: TestContext, options: AwsOptions = {}): Promise<Scene> {
  const clock = new ManualClock();
  const nowMs = options.nowMs ?? (() => Date.UTC(2026, 0, 1) + clock.now());
  const aws = await startAws(t, { ...options, nowMs });
  const results: RequestResult[] = [];
  const made: Scene = {
    ...{ aws, clock, results },
    aheadMs: 0,
    wallMs: () => nowMs() + made.aheadMs,
    advance: (ms) => clock.advance(ms),
    async open(config, env = withKey) {
      const parsed: DestinationConfig = destinationSchema.parse(config);
      const destination = await createDestination(parsed, {
        clock,
        wallMs: made.wallMs,
        random: () => 0.5,
        env: { AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.localUrl, ...env },
        onRequest: (result) => results.push(result),
      });
      atEnd(t, () => destination[Symbol.asyncDispose]());
      return destination;
    },
  };
  return made;
}

/** An instance to register: `web/a` at `10.0.0.1:8080`. */
export function wanted(name: string, host = "10.0.0.1", port = 8080): Wanted {
  const [service = "", id = ""] = name.split("/");
  return { name, instance: { service, id, host, port }, isDraining: false };
}

/** `serving`, or `failing (Target.FailedHealthChecks: …)`, for each instance by its name. */
export async function statesOf(
  destination: Destination,
  instances: readonly Wanted[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const states = await destination.observe(instances, signal);
  return Object.fromEntries(
    [...states].map(([name, { state, why }]) => [name, why ? `${state} (${why})` : state]),
  );
}
