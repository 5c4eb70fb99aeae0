import { isDeepStrictEqual } from "node:util";
import type { ZodType } from "zod";

/** Settings as they are written in a configuration. */
export type Settings = Readonly<Record<string, unknown>>;

/** The settings without the ones that a schema gives the same value by default. */
export function minimal(settings: Settings, schema: ZodType): Settings {
  const result = schema.safeParse(settings);
  if (!result.success) return settings;
  let shortest = settings;
  for (const name of Object.keys(settings)) {
    const { [name]: _, ...shorter } = shortest;
    const without = schema.safeParse(shorter);
    if (without.success && isDeepStrictEqual(without.data, result.data)) shortest = shorter;
  }
  return shortest;
}

/** The settings that have a value. */
export function given(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
