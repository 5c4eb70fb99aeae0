import { z } from "zod";
import { duration } from "../base/schema.ts";

const expectedShare = "expected a share above 0% such as 50%";

const atLeast = (preset: string) =>
  duration(preset).refine((ms) => ms >= 1000, "expected a duration of at least 1s");

export const heedSchema = z
  .strictObject({
    proxies: z
      .string(expectedShare)
      .regex(/^(100|\d{1,2})(\.\d+)?%$/, expectedShare)
      .transform((text) => Number.parseFloat(text) / 100)
      .refine((share) => share > 0, expectedShare)
      .describe("The share of the watchers that use an instance whose proxies have to report it."),
    for: duration("10s").describe("How long they have to."),
    retry: atLeast("30s").describe(
      "For how long the instance is deregistered then. It is registered again to find out whether proxies can use it; each further time in a row takes twice as long, 5m at most.",
    ),
  })
  .describe(
    "Makes an instance unhealthy if the proxies of enough watchers fail to use it, although its own checks pass; but never the last one of its service. Default: never. See docs/observe.md.",
  );
