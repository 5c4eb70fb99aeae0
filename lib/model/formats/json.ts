export type Json = Readonly<Record<string, unknown>>;

/** The object that a text is; undefined where it is not JSON, or another kind of JSON. */
export function parseObject(text: string): Json | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function objectOf(value: unknown): Json | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Json) : undefined;
}
