import type { Socket } from "node:net";
import { z } from "zod";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { destinationFields, destinationOf, formatDestination } from "./destination.ts";
import { fields } from "./fields.ts";
import { secureOf, tlsField, tlsOptions } from "./tls.ts";
import { type Hold, tripwireField } from "./tripwire.ts";

export const schema = z
  .strictObject({
    type: z.literal("tcp"),
    ...fields,
    ...destinationFields,
    tls: tlsField,
    tripwire: tripwireField.describe(
      "Whether the connection of a probe stays open until a later one, so that the end of the process is noticed at once. Default: presence.tripwire, else false, since a server that serves one connection at a time would wait for it.",
    ),
  })
  .describe("Healthy if it accepts a connection, and with `tls` a TLS handshake.");

export type TcpConfig = z.infer<typeof schema>;

/** Opens a connection and closes it, unless the tripwire holds it. */
export function createTcpCheck(
  config: TcpConfig,
  target: Target,
  { clock, tripwire }: CheckDeps,
): Check {
  const destination = destinationOf(config, target);
  const secure = secureOf(config.tls);
  const probe = async (hold: Hold | undefined, signal: AbortSignal) => {
    const options = secure && (await tlsOptions(secure, signal));
    const use = async (socket: Socket, keep: Hold | undefined) => {
      if (!keep) return await ended(socket);
      keep(socket);
      return undefined;
    };
    return await connected(destination, options, signal, use, hold);
  };
  return {
    title: `${secure ? "tls" : "tcp"} ${formatDestination(destination)}`,
    probe: (signal) =>
      attempt((inner) => probe(tripwire?.during(signal), inner), config.timeout, clock, signal),
  };
}

/** Ends the connection once all that was written is sent: a server would log a handshake that breaks off. */
function ended(socket: Socket): Promise<undefined> {
  return new Promise((resolve) => socket.end(() => resolve(undefined)));
}
