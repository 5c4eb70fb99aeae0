import type { Socket } from "node:net";
import { z } from "zod";
import { excerpt } from "../base/excerpt.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { destinationFields, destinationOf, formatDestination } from "./destination.ts";
import { askForLines } from "./dialogue.ts";
import { fields } from "./fields.ts";
import { secureOf, tlsField, tlsOptions } from "./tls.ts";
import { type Hold, tripwireField } from "./tripwire.ts";

export const schema = z
  .strictObject({
    type: z.literal("redis"),
    ...fields,
    ...destinationFields,
    key: z
      .string()
      .min(1)
      .default("sidekick-health-check")
      .describe(
        "A key to look for, so that a proxy of Redis has to reach its server; it need not exist.",
      ),
    tls: tlsField,
    tripwire: tripwireField,
  })
  .describe("Healthy if Redis answers PING and EXISTS.");

export type RedisConfig = z.infer<typeof schema>;

/** Sends both commands at once. A server that is still loading, or wants a password, is not healthy. */
export function createRedisCheck(
  config: RedisConfig,
  target: Target,
  { clock, tripwire }: CheckDeps,
): Check {
  const destination = destinationOf(config, target);
  const secure = secureOf(config.tls);
  const request = command("PING") + command("EXISTS", config.key);
  const probe = async (hold: Hold | undefined, signal: AbortSignal) => {
    const options = secure && (await tlsOptions(secure, signal));
    const use = async (socket: Socket, keep: Hold | undefined) => {
      const [pong = "", exists = ""] = await askForLines(socket, request, 2);
      if (!pong.startsWith("+")) return `PING is answered with ${excerpt(pong)}`;
      if (!exists.startsWith(":")) return `EXISTS is answered with ${excerpt(exists)}`;
      keep?.(socket);
      return undefined;
    };
    return await connected(destination, options, signal, use, hold);
  };
  return {
    title: `redis ${formatDestination(destination)}`,
    probe: (signal) =>
      attempt((inner) => probe(tripwire?.during(signal), inner), config.timeout, clock, signal),
  };
}

/** A command in the protocol of Redis, in Latin-1. */
function command(...words: readonly string[]): string {
  const parts = words.map((word) => {
    const bytes = Buffer.from(word);
    return `$${bytes.length}\r\n${bytes.toString("latin1")}\r\n`;
  });
  return `*${words.length}\r\n${parts.join("")}`;
}
