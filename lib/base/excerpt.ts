/** Formats a value for a message: as JSON, so that strings are quoted and on one line, cut to `limit` characters. */
export function excerpt(value: unknown, limit = 80): string {
  return shortened(JSON.stringify(value) ?? "nothing", limit);
}

/** Cuts a string to `limit` characters, the last of which is then `…`. */
export function shortened(text: string, limit = 80): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
