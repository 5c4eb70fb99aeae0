import { z } from "zod";
import { duration, port } from "../base/schema.ts";
import { isHost } from "../model/endpoint.ts";
import type { Schedule, Target } from "./contract.ts";

/** At least a millisecond: a check without a pause would do nothing but ask. */
export const positive = (preset: string) =>
  duration(preset).refine((ms) => ms >= 1, "expected a duration of at least 1ms");

/** What the configuration of every check has. Durations are milliseconds once read. */
export const fields = {
  interval: positive("1s").describe("How long from the start of one round to the next."),
  timeout: positive("500ms").describe("How long an answer may take."),
  rise: z.int().min(1).default(2).describe("Good answers in a row that bring it back up."),
  fall: z.int().min(1).default(3).describe("Bad answers in a row that take it down."),
  host: z
    .string()
    .refine(isHost, "expected a host name or an IP address (IPv6 without brackets)")
    .optional()
    .describe("Whom to ask, if not the host of the service."),
  port: port.optional().describe("Which port to ask, if not that of the service."),
};

/** Once read, what those fields say about time. */
export interface Timing {
  readonly interval: number;
  readonly rise: number;
  readonly fall: number;
}

export function scheduleOf({ interval: intervalMs, rise, fall }: Timing): Schedule {
  return { intervalMs, rise, fall };
}

/** Whom to ask: the target, where the check's own configuration does not say otherwise. */
export function addressOf(
  { host, port }: { readonly host?: string | undefined; readonly port?: number | undefined },
  target: Target,
): Target {
  return { host: host ?? target.host, port: port ?? target.port };
}
