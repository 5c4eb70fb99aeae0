import { z } from "zod";
import { argv, duration } from "../base/schema.ts";

const detailed = z.strictObject({
  run: argv,
  timeout: duration("10s").describe(
    "Time limit of the command. At the limit the command and its child processes are killed, and the check has failed.",
  ),
});

/** A check command as a list of arguments, or as an object with a time limit; the result has the same form. */
export const checkCommandSchema = z
  .union([argv.transform((run) => detailed.parse({ run })), detailed])
  .describe(
    "Command that validates the rendered text before it replaces the target; {candidate} stands for a temporary file " +
      "with the text. If the command fails, the previous file is kept.",
  );
