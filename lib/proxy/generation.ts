/** The generation that a template's `{{generation}}` has put into one of these texts; undefined without any. */
export function generationIn(texts: Iterable<string>): string | undefined {
  for (const text of texts) {
    const found = /\bsidekick-[0-9a-f]{16}\b/.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}
