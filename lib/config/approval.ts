import { z } from "zod";
import { argv, duration } from "../base/schema.ts";

const limit = "10s";

const detailed = z.strictObject({
  run: argv,
  timeout: duration(limit).describe("When the command and all that it started are ended."),
});

/** A command as a bare list, or with its time limit; both come out alike. */
export const approvalSchema = z
  .union([argv.transform((run) => detailed.parse({ run })), detailed])
  .describe("A command that must approve a text first; {candidate} is the file that holds it.");
