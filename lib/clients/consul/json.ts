import { ConsulError } from "./errors.ts";

/** The JSON of an answer. Throws a ConsulError that names what is expected, such as `a list of keys`. */
export function parseList(text: string, expected: string): readonly object[] {
  const parsed = parse(text, expected);
  if (Array.isArray(parsed) && parsed.every(isObject)) return parsed;
  throw unreadable(expected);
}

export function parseObject(text: string, expected: string): Readonly<Record<string, unknown>> {
  const parsed = parse(text, expected);
  if (isObject(parsed) && !Array.isArray(parsed)) return parsed;
  throw unreadable(expected);
}

/** The `true` or `false` of a write. */
export function parseDone(text: string): boolean {
  const parsed = parse(text, "true or false");
  if (typeof parsed === "boolean") return parsed;
  throw unreadable("true or false");
}

function parse(text: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(expected);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function unreadable(expected: string): ConsulError {
  return new ConsulError("unreadable", `the answer is not ${expected} in JSON`);
}
