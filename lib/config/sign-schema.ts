import { z } from "zod";
import { duration, path } from "../base/schema.ts";

export const signSchema = z
  .strictObject({
    key: path.describe("The file of the private key (Ed25519, PEM), which is read at the start."),
    id: z
      .string()
      .regex(/^[\w.-]{1,64}$/, "expected up to 64 letters, digits and _ . -")
      .describe("The name of the key in watch.trust.keys."),
    validity: duration("48h")
      .refine((ms) => ms >= 60_000, "expected a duration of at least 1m")
      .describe("How long a signature holds; it is renewed when half of that is over."),
  })
  .describe(
    "Signs the entries (format json), so that watchers with watch.trust.keys can tell which agent has written them. See docs/trust.md. Default: not signed.",
  );
