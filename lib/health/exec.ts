import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { run } from "../base/exec.ts";
import { argv } from "../base/schema.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { addressOf, fields } from "./fields.ts";

export const schema = z
  .strictObject({
    type: z.literal("exec"),
    ...fields,
    command: argv.describe(
      "A program and its arguments; no shell is involved. {host} and {port} are replaced by the address of the target.",
    ),
  })
  .describe("Healthy if a program exits with code 0.");

export type ExecConfig = z.infer<typeof schema>;

/** Runs a program, which is terminated at the time limit with its whole process group. */
export function createExecCheck(config: ExecConfig, target: Target, { clock }: CheckDeps): Check {
  const { host, port } = addressOf(config, target);
  const argv = config.command.map((argument) =>
    argument.replaceAll("{host}", host).replaceAll("{port}", String(port)),
  );
  return {
    title: `exec ${argv.join(" ")}`,
    async probe(signal) {
      const startedMs = clock.now();
      const finished = await run({ argv, timeoutMs: config.timeout }, clock, signal);
      const { ok, how, output, shortage } = finished;
      const tookMs = clock.now() - startedMs;
      if (shortage !== undefined) return { ok: undefined, tookMs, why: shortage };
      if (ok) return { ok, tookMs };
      const line = lastLine(output);
      return { ok, tookMs, why: line ? `${how}: ${line}` : how };
    },
  };
}

/** The last line that is not empty, without terminal control sequences and cut to 200 characters. */
export function lastLine(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{Cc}/gu, " ").trim());
  return lines.findLast((line) => line !== "")?.slice(0, 200) ?? "";
}
