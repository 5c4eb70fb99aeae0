import { z } from "zod";
import { unlimited } from "../view/limits.ts";

const limit = (preset: number) => z.int().min(1).default(preset);

const limits = z.strictObject({
  services: limit(5000).describe(
    "Services: with this many, `nginx -t` takes seconds, and four times as long with twice as many.",
  ),
  instances: limit(10_000).describe(
    "Instances of one service: with this many, `haproxy -c` takes seconds, and four times as long with twice as many.",
  ),
  value: limit(65_536).describe("Bytes of the value of an instance's entry."),
});

export const limitsSchema = z
  .union([limits, z.literal(false).transform(() => unlimited)])
  .prefault({})
  .describe(
    "Limits of what templates see as services and instances, so that no writer of the keyspace makes a file too large for " +
      "its proxy. The others are quarantined; the ones in the files stay there, and free places go to the first by name. false for no limits.",
  );
