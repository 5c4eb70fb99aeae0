/**
 * Formats a value for a message: as JSON, so that strings are quoted and on one line, without the login of a URL, and cut to
 * `limit` characters.
 */
export function excerpt(value: unknown, limit = 80): string {
  const text = JSON.stringify(value) ?? "nothing";
  // Before it is cut: the part that is left might not look like a login.
  return shortened(text.replace(/:\/\/[^\s"]*@/g, "://…@"), limit);
}

/** Cuts a string to `limit` characters, the last of which is then `…`. */
export function shortened(text: string, limit = 80): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** Joins examples of `count` things: `a; b; c; and 97 more`. */
export function andMore(examples: readonly string[], count: number): string {
  const more = count - examples.length;
  return [...examples, ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
