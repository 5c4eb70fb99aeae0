import { z } from "zod";
import { duration, optionalDuration } from "../base/schema.ts";

const expectedShare = "expected a share such as 50%";

const share = z
  .string(expectedShare)
  .regex(/^(100|\d{1,2})(\.\d+)?%$/, expectedShare)
  .transform((text) => Number.parseFloat(text) / 100)
  .describe(
    "Largest share of a service's instances that may disappear within the time of retain; if more do, they are " +
      "retained. Does not apply to the loss of a single instance; 100% accepts every loss.",
  );

const min = z
  .int()
  .min(0)
  .describe(
    "Smallest number of instances that must remain: if a loss leaves fewer, the lost instances are retained, even a single one.",
  );

const keepEmpty = z
  .boolean()
  .describe(
    "Whether a service that has lost all instances keeps the last ones until others register, however long that takes.",
  );

const retainDescription = "How long lost instances are retained.";

/** The rules of one service: each setting that is left out is inherited, so none has a default. */
const serviceGuardSchema = z.strictObject({
  maxLoss: share.optional(),
  min: min.optional(),
  retain: optionalDuration.describe(retainDescription),
  keepEmpty: keepEmpty.optional(),
});

export const guardSchema = z
  .strictObject({
    maxLoss: share.prefault("50%"),
    min: min.default(0),
    retain: duration("30s").describe(retainDescription),
    keepEmpty: keepEmpty.default(false),
    services: z
      .record(z.string(), serviceGuardSchema)
      .default({})
      .describe("Rules of single services, by name; settings that are left out are inherited."),
  })
  .prefault({})
  .describe(
    "Mass-loss guard: retains the instances of a service in rendered files when too many disappear at once. " +
      "Drained instances (weight 0) do not count as lost.",
  );
