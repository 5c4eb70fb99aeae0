import { z } from "zod";
import { duration, optionalDuration } from "../base/schema.ts";

const share = z
  .string("expected a share such as 50%")
  .regex(/^(100|\d{1,2})(\.\d+)?%$/, "expected a share such as 50%")
  .transform((text) => Number.parseFloat(text) / 100)
  .describe(
    "More than this share of its instances is not believed to be lost within hold, unless it is a single one; 100% believes every loss.",
  );

const min = z
  .int()
  .min(0)
  .describe("A loss that leaves fewer instances than this is not believed, be it a single one.");

const keepEmpty = z
  .boolean()
  .describe("A service that has lost all keeps those it had last until it has others.");

const ofHold = "How long instances that are not believed to be lost stay as they were.";

/** What a single service may have otherwise: nothing here has a default, since all of it is inherited. */
const ownSchema = z.strictObject({
  maxLoss: share.optional(),
  min: min.optional(),
  retain: optionalDuration.describe(ofHold),
  keepEmpty: keepEmpty.optional(),
});

export const guardSchema = z
  .strictObject({
    maxLoss: share.prefault("50%"),
    min: min.default(0),
    retain: duration("30s").describe(ofHold),
    keepEmpty: keepEmpty.default(false),
    services: z
      .record(z.string(), ownSchema)
      .default({})
      .describe("Services with rules of their own, by name; what they leave out is as above."),
  })
  .prefault({})
  .describe(
    "When the loss of instances is taken for a mistake. What took no requests any more (weight 0) when it went is no loss.",
  );
