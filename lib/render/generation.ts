import { createHash } from "node:crypto";

/** Stands in a text for its generation until all the rest of it is known. */
export const unknownGeneration = "sidekick-0000000000000000";

/** The text with its generation in place, by which it can be told from every other one. */
export function stamped(text: string): string {
  if (!text.includes(unknownGeneration)) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return text.replaceAll(unknownGeneration, `sidekick-${hash}`);
}
