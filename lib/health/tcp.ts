import type { Socket } from "node:net";
import { z } from "zod";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { destinationFields, destinationOf, formatDestination } from "./destination.ts";
import { fields } from "./fields.ts";
import { secureOf, tlsField, tlsOptions } from "./tls.ts";

export const schema = z
  .strictObject({ type: z.literal("tcp"), ...fields, ...destinationFields, tls: tlsField })
  .describe("Healthy if it accepts a connection, and with `tls` a TLS handshake.");

export type TcpConfig = z.infer<typeof schema>;

/** Opens a connection and closes it. */
export function createTcpCheck(config: TcpConfig, target: Target, { clock }: CheckDeps): Check {
  const destination = destinationOf(config, target);
  const secure = secureOf(config.tls);
  const probe = async (signal: AbortSignal) => {
    const options = secure && (await tlsOptions(secure, signal));
    return await connected(destination, options, signal, ended);
  };
  return {
    title: `${secure ? "tls" : "tcp"} ${formatDestination(destination)}`,
    probe: (signal) => attempt(probe, config.timeout, clock, signal),
  };
}

/** Ends the connection once all that was written is sent: a server would log a handshake that breaks off. */
function ended(socket: Socket): Promise<undefined> {
  return new Promise((resolve) => socket.end(() => resolve(undefined)));
}
