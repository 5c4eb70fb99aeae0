import { z } from "zod";
import { duration } from "../base/schema.ts";

const expectedShare = "expected a share such as 50%";

/** A share from `lowest` to `highest` percent. */
const share = (lowest: number, highest: number) =>
  z
    .string(expectedShare)
    .regex(/^(100|\d{1,2})(\.\d+)?%$/, expectedShare)
    .refine((text) => isWithin(text, lowest, highest), {
      error: `expected a share of ${lowest}% to ${highest}%`,
    })
    .transform((text) => Number.parseFloat(text) / 100);

function isWithin(text: string, lowest: number, highest: number): boolean {
  const value = Number.parseFloat(text);
  return value >= lowest && value <= highest;
}

const label = z.string().min(1, "expected the name of a label");

const slowStartSchema = z
  .strictObject({
    window: duration("60s")
      .refine((ms) => ms >= 2000, "expected a duration of at least 2s")
      .describe("How long it takes until a new instance gets its whole weight."),
    aggression: z
      .number()
      .min(0.1)
      .max(10)
      .default(1)
      .describe("1: the share grows with time alone; more: it grows faster at first, less: later."),
    min: share(1, 100)
      .prefault("10%")
      .describe("The share of its weight with which an instance begins."),
  })
  .describe(
    "Slow start: an instance that this watcher sees for the first time gets ever more requests. Without effect for proxies " +
      "that have to be reloaded for it.",
  );

const zonesSchema = z
  .strictObject({
    label: label.default("zone").describe("The label of an instance that names its zone."),
    value: z
      .string()
      .min(1, "expected the name of a zone")
      .describe("The zone of this watcher, such as $" + "{ZONE}."),
    spill: share(1, 100)
      .prefault("70%")
      .describe(
        "The share of its fair part that the capacity of the own zone needs so that no request leaves the zone; with less, some spill over.",
      ),
    min: z
      .int()
      .min(0)
      .default(2)
      .describe("With fewer instances in the own zone, those of all zones are used alike."),
  })
  .describe("Zones: prefers the instances of the own zone as long as they have the capacity.");

const subsetSchema = z
  .strictObject({
    min: z
      .int()
      .min(1)
      .default(12)
      .describe("The fewest instances that this watcher uses a part of."),
  })
  .describe(
    "Subset: each of many watchers uses a part of the instances, so that all instances get equal parts of all watchers together.",
  );

const canarySchema = z
  .strictObject({
    label: label.default("version").describe("The label of an instance that is compared."),
    value: z.string().describe("The value of the label that canaries have."),
    share: share(0.1, 99).describe("The share of the requests that the canaries get together."),
  })
  .describe("Canary: instances with a label get a share of the requests, however many they are.");

const policies = {
  slowStart: slowStartSchema.optional(),
  zones: zonesSchema.optional(),
  subset: subsetSchema.optional(),
  canary: canarySchema.optional(),
};

const off = z.literal(false);

/** The policies of one service: each that is left out is inherited, and false is none. */
const servicePoliciesSchema = z.strictObject({
  slowStart: z.union([slowStartSchema, off]).optional(),
  zones: z.union([zonesSchema, off]).optional(),
  subset: z.union([subsetSchema, off]).optional(),
  canary: z.union([canarySchema, off]).optional(),
});

export const policiesSchema = z
  .strictObject({
    ...policies,
    services: z
      .record(z.string().min(1), servicePoliciesSchema)
      .default({})
      .describe(
        "Policies of single services, by name; each that is left out is inherited, and false is none.",
      ),
  })
  .describe(
    "How the requests of this watcher are shared among the instances of a service: weights in rendered files, never in the keyspace. " +
      "See docs/policies.md.",
  );
