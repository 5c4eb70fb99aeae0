export type Json = Readonly<Record<string, unknown>>;

/** Parses a JSON object; undefined if the text is not JSON or not an object. */
export function parseObject(text: string): Json | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The value if it is an object; undefined for arrays and any other type. */
export function objectOf(value: unknown): Json | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Json) : undefined;
}
