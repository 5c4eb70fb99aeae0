import type { World } from "./world.ts";

/** Prints data as JSON: exactly, for programs, and so without the limits of what is printed for people. */
export function printJson(value: unknown, { out }: Pick<World, "out">): void {
  out.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
