import { configJsonSchema } from "../../lib/config/json-schema.ts";
import type { World } from "../world.ts";

/** Prints the JSON Schema of the configuration. */
export function schema(world: World): void {
  world.out.write(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
}
