/** The value of `{{generation}}` in the first of these texts that contains one; undefined if none does. */
export function generationIn(texts: Iterable<string>): string | undefined {
  for (const text of texts) {
    const found = /\bsidekick-[0-9a-f]{16}\b/.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
