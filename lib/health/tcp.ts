import { z } from "zod";
import { formatAddress } from "../model/endpoint.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { addressOf, fields } from "./fields.ts";

export const schema = z
  .strictObject({ type: z.literal("tcp"), ...fields })
  .describe("Healthy if it accepts a connection.");

export type TcpConfig = z.infer<typeof schema>;

/** Opens a connection and closes it. */
export function createTcpCheck(config: TcpConfig, target: Target, { clock }: CheckDeps): Check {
  const address = addressOf(config, target);
  const probe = (signal: AbortSignal) =>
    connected(address, undefined, signal, async () => undefined);
  return {
    title: `tcp ${formatAddress(address)}`,
    probe: (signal) => attempt(probe, config.timeout, clock, signal),
  };
}
