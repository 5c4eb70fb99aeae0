import { z } from "zod";
import { excerpt } from "../base/excerpt.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { destinationFields, destinationOf, formatDestination } from "./destination.ts";
import { askForLines } from "./dialogue.ts";
import { fields } from "./fields.ts";
import { secureOf, tlsField, tlsOptions } from "./tls.ts";

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
  })
  .describe("Healthy if Redis answers PING and EXISTS.");

export type RedisConfig = z.infer<typeof schema>;

/** Sends both commands at once. A server that is still loading, or wants a password, is not healthy. */
export function createRedisCheck(config: RedisConfig, target: Target, { clock }: CheckDeps): Check {
  const destination = destinationOf(config, target);
  const secure = secureOf(config.tls);
  const request = command("PING") + command("EXISTS", config.key);
  const probe = async (signal: AbortSignal) => {
    const options = secure && (await tlsOptions(secure, signal));
    return await connected(destination, options, signal, async (socket) => {
      const [pong = "", exists = ""] = await askForLines(socket, request, 2);
      if (!pong.startsWith("+")) return `PING is answered with ${excerpt(pong)}`;
      return exists.startsWith(":") ? undefined : `EXISTS is answered with ${excerpt(exists)}`;
    });
  };
  return {
    title: `redis ${formatDestination(destination)}`,
    probe: (signal) => attempt(probe, config.timeout, clock, signal),
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
