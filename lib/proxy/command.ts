import { z } from "zod";
import { failureSummary, run } from "../base/exec.ts";
import { argv, duration } from "../base/schema.ts";
import { cleanLine } from "./clean-line.ts";
import type { Proxy, ProxyDeps } from "./contract.ts";
import { faults } from "./faults.ts";
import { minInterval } from "./reload-limiter.ts";

export const schema = z
  .strictObject({
    type: z.literal("command"),
    run: argv.optional(),
    shell: z
      .string()
      .min(1)
      .optional()
      .describe("A line for /bin/sh instead of `run`, where pipes or variables are needed."),
    minInterval: minInterval("0s"),
    timeout: duration("30s").describe("When the command and all that it started are ended."),
  })
  .refine((given) => (given.run === undefined) !== (given.shell === undefined), {
    error: "expected either run (a program and its arguments) or shell (a line for /bin/sh)",
  })
  .describe("Any program that is told of new files by a command.");

export type CommandConfig = z.infer<typeof schema>;

/** Runs a command after each change. All that is known afterwards is that it ended well. */
export function createCommandProxy(config: CommandConfig, { clock }: ProxyDeps): Proxy {
  const { run: program, shell = "", timeout: timeoutMs } = config;
  const command = { argv: program ?? ["/bin/sh", "-c", shell], timeoutMs };
  const title = `the command ${program?.join(" ") ?? shell}`;
  return {
    title,
    async apply(_change, signal) {
      const finished = await run(command, clock, signal);
      if (!finished.ok)
        throw faults.PROXY_COMMAND_FAILED({ title, words: failureSummary(finished, cleanLine) });
      return "ran";
    },
  };
}
