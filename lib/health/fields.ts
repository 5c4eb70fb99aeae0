import { z } from "zod";
import { duration, port } from "../base/schema.ts";
import { isHost } from "../model/host.ts";
import type { Schedule, Target } from "./contract.ts";

/** A duration of at least a millisecond, so that a check does not run without a pause. */
export const positive = (preset: string) =>
  duration(preset).refine((ms) => ms >= 1, "expected a duration of at least 1ms");

/** The configuration that all checks have in common. Durations are parsed to milliseconds. */
export const fields = {
  interval: positive("1s").describe("Time from the start of one probe to the start of the next."),
  timeout: positive("500ms").describe("Time limit of a probe."),
  rise: z.int().min(1).default(2).describe("Consecutive successes to be healthy again."),
  fall: z.int().min(1).default(3).describe("Consecutive failures to be unhealthy."),
  host: z
    .string()
    .refine(isHost, "expected a host name or an IP address (IPv6 without brackets)")
    .optional()
    .describe("The host to probe; that of the service by default."),
  port: port.optional().describe("The port to probe; that of the service by default."),
};

/** The schedule in the parsed fields. */
export interface Timing {
  readonly interval: number;
  readonly rise: number;
  readonly fall: number;
}

export function scheduleOf({ interval: intervalMs, rise, fall }: Timing): Schedule {
  return { intervalMs, rise, fall };
}

/** The address to probe: host and port of the check if set, otherwise of the target. */
export function addressOf(
  { host, port }: { readonly host?: string | undefined; readonly port?: number | undefined },
  target: Target,
): Target {
  return { host: host ?? target.host, port: port ?? target.port };
}
