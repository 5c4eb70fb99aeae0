import { z } from "zod";
import { excerpt } from "../base/excerpt.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { destinationFields, destinationOf, formatDestination } from "./destination.ts";
import { askForBytes } from "./dialogue.ts";
import { fields } from "./fields.ts";

export const schema = z
  .strictObject({ type: z.literal("zookeeper"), ...fields, ...destinationFields })
  .describe(
    "Healthy if ZooKeeper answers ruok with imok; its server has to allow that (4lw.commands.whitelist).",
  );

export type ZookeeperConfig = z.infer<typeof schema>;

const answer = "imok";

/** Sends the command of four letters that asks whether a server runs. */
export function createZookeeperCheck(
  config: ZookeeperConfig,
  target: Target,
  { clock }: CheckDeps,
): Check {
  const destination = destinationOf(config, target);
  const probe = (signal: AbortSignal) =>
    connected(destination, undefined, signal, async (socket) => {
      const text = await askForBytes(socket, "ruok", 100);
      return text === answer ? undefined : `ruok is answered with ${excerpt(text)}`;
    });
  return {
    title: `zookeeper ${formatDestination(destination)}`,
    probe: (signal) => attempt(probe, config.timeout, clock, signal),
  };
}
