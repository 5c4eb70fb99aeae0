import { shapeOf } from "./located/shape.ts";
import { configSchema } from "./schema.ts";

/** The schema of a configuration file as JSON Schema (draft 2020-12), for editors to complete and check. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...shapeOf(configSchema), title: "sidekick configuration" };
}
