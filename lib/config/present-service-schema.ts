import { z } from "zod";
import { kinds as discoveries } from "../discover/kinds.ts";
import { checkSchema } from "../health/kinds.ts";
import { isInstanceId } from "../model/names.ts";
import { prefixSchema } from "./folder-schema.ts";

/** An instance that runs on this machine: its checks, and where and how its entry is kept. */
export const presentServiceSchema = discoveries.static.schema.extend({
  checks: z
    .array(checkSchema)
    .default([])
    .describe("Health checks; the instance is registered while all of them are healthy."),
  path: prefixSchema
    .optional()
    .describe(
      "The folder of its entry instead of prefix/name; in the folder of a mount, the entry is in that keyspace.",
    ),
  entry: z
    .enum(["session", "sequential", "persistent", "persistentSequential"])
    .optional()
    .describe(
      "How the keyspace keeps its entry: owned by the session of this agent (default); with a number at its end; without " +
        "a session, so that it outlives an agent that is killed; or both. All but the default with zk:// and etcd:// only; persistent also with consul://.",
    ),
  encodedName: z
    .boolean()
    .optional()
    .describe(
      "Whether the name of its node is its value in base64, as Nerve writes it; zk:// only.",
    ),
  nodeName: z
    .string()
    .refine(
      isInstanceId,
      "expected no space, slash, quote or control character, nor \\ ; { } # $ %",
    )
    .optional()
    .describe(
      "The name of its entry without a number; its id by default. Sequential entries may have the same one.",
    ),
});

export type PresentServiceConfig = z.infer<typeof presentServiceSchema>;
