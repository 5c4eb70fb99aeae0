/** A value in a message: as JSON, so that text is in quotes and on one line, and no longer than `limit` characters. */
export function excerpt(value: unknown, limit = 80): string {
  return shortened(JSON.stringify(value) ?? "nothing", limit);
}

/** A text no longer than `limit` characters, the last of which is `…` where it was cut. */
export function shortened(text: string, limit = 80): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
