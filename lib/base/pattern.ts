/** A compiled pattern. */
export type Pattern = (text: string) => boolean;

/**
 * Compiles a pattern in which `*` stands for any characters but the separator: `pay-*` with the separator `.` fits the name
 * `pay-1` and not `pay-1.example.org`, which another party may own.
 */
export function compilePattern(pattern: string, separator: "." | "/"): Pattern {
  const parts = pattern.split("*").map((part) => part.replace(/[^\w-]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(`[^${separator}]*`)}$`, "s");
  return (text) => expression.test(text);
}

/** A pattern that any of these fits. */
export function anyPattern(patterns: readonly string[], separator: "." | "/"): Pattern {
  const compiled = patterns.map((one) => compilePattern(one, separator));
  return (text) => compiled.some((fits) => fits(text));
}
