import { z } from "zod";
import { run } from "../base/exec.ts";
import { argv, duration } from "../base/schema.ts";
import type { Proxy, ProxyDeps } from "./contract.ts";
import { commandFault } from "./faults.ts";
import { minInterval } from "./reload-limiter.ts";
import { SharedRuns } from "./shared-runs.ts";

export const schema = z
  .strictObject({
    type: z.literal("command"),
    run: argv.optional(),
    shell: z
      .string()
      .min(1)
      .optional()
      .describe("A command line for /bin/sh, instead of `run`: for pipes and variables."),
    minInterval: minInterval("0s"),
    keepFiles: z
      .boolean()
      .optional()
      .describe(
        "Whether the program also reads the files by itself, whenever it starts: then the new files stay if the command fails, " +
          "which is run again, and sidekick does not run it when it starts and finds the files as they should be. Default: false.",
      ),
    timeout: duration("30s").describe(
      "The time limit of the command. At the limit, the command and its child processes are terminated.",
    ),
  })
  .refine((given) => (given.run === undefined) !== (given.shell === undefined), {
    error: "expected either run (a program and its arguments) or shell (a line for /bin/sh)",
  })
  .describe("Any program: a command runs after each change.");

export type CommandConfig = z.infer<typeof schema>;

/** Runs a command after each change. Only its exit code is known: whether the program uses the files is not verified. */
export function createCommandProxy(
  config: CommandConfig,
  { clock, commands = new SharedRuns() }: ProxyDeps,
): Proxy {
  const { run: program, shell = "", timeout: timeoutMs, keepFiles = false } = config;
  const command = { argv: program ?? ["/bin/sh", "-c", shell], timeoutMs };
  const title = `the command ${program?.join(" ") ?? shell}`;
  return {
    title,
    keepsFiles: keepFiles,
    foresee: async () => ({ how: "ran" }),
    async apply(_change, signal) {
      const finished = await commands.run(title, () => run(command, clock, signal));
      if (!finished.ok) throw commandFault(title, finished);
      return "ran";
    },
  };
}
