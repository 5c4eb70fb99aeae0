import { z } from "zod";
import { argv, duration } from "../base/schema.ts";
import { prefixSchema } from "./folder-schema.ts";

/** The signals that an agent may hand on to its program, beside those that stop it. */
const forwardable = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const;

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const execSchema = z
  .strictObject({
    run: argv
      .optional()
      .describe(
        "The program that sidekick runs, and its arguments. Default: what follows -- on the command line of sidekick exec.",
      ),
    onChange: z
      .enum(["nothing", "restart", "SIGTERM", ...forwardable])
      .default("nothing")
      .describe(
        "What happens to the program when a variable of env, or a file of a template without proxy has changed. A restart takes " +
          "its instances out of service first. Files of a template with proxy are applied by the proxy.",
      ),
    stop: z
      .enum(["SIGTERM", "SIGKILL", ...forwardable])
      .default("SIGTERM")
      .describe("The signal that asks the program to end."),
    stopTimeout: duration("30s").describe(
      "How long the program may take to end after that; then its process group is killed.",
    ),
    restart: z
      .enum(["never", "always"])
      .default("never")
      .describe(
        "What happens when the program ends by itself: sidekick deregisters its instances, ends and returns its exit code, or " +
          "starts it again after 1s, and later after up to 30s; after 1s again once it has run for 60s.",
      ),
    env: z
      .record(
        z.string().regex(variableName, "expected a name of letters, digits and _"),
        z.string("expected a template"),
      )
      .default({})
      .describe(
        'Variables of the program\'s environment, by name: a template of each value, such as {{getv "/db/host"}}.',
      ),
    prefixes: z
      .array(prefixSchema)
      .min(1, "expected at least one folder such as /db")
      .default(["/"])
      .describe(
        "The folders of the keyspace that the variables can read; / for all keys except sidekick's own below /sidekick.",
      ),
    forward: z
      .array(z.enum(forwardable))
      .default(["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"])
      .describe("The signals that are handed on to the program, and have no other effect."),
  })
  .describe("The program that sidekick runs: started once its files are there, and stopped last.");
