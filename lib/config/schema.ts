import { z } from "zod";
import { keyspaceSchema } from "../keyspace/schema.ts";
import { execSchema } from "./exec-schema.ts";
import { mountsSchema } from "./mounts-schema.ts";
import { presenceSchema } from "./presence-schema.ts";
import { statusSchema } from "./status-schema.ts";
import { watchSchema } from "./watch-schema.ts";

/** The whole configuration. Values are strings, numbers and booleans; durations are strings. */
export const configSchema = z.strictObject({
  keyspace: keyspaceSchema
    .prefault("file:./keyspace")
    .describe(
      "The store of the instances: a URL, or an object with a URL, a login and TLS files. None is needed with presence.destinations and without watch.",
    ),
  mounts: mountsSchema.optional(),
  log: z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .describe("The lowest level of messages that are logged."),
  presence: presenceSchema.optional(),
  watch: watchSchema.optional(),
  exec: execSchema.optional(),
  status: statusSchema.optional(),
});

export type Config = z.infer<typeof configSchema>;
