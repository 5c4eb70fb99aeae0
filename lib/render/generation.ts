import { hash } from "node:crypto";

/** In a rendered text, the place of its generation, which is a hash of all the rest. */
export const generationPlaceholder = "sidekick-0000000000000000";

/** Its rarer part: a search for it skips most of a text, where one for the whole would stop at each `s`. */
const rarePart = generationPlaceholder.slice("sidekick".length);

/** Replaces the placeholder by the generation, which differs for different texts. */
export function stamped(text: string): string {
  if (!text.includes(rarePart) || !text.includes(generationPlaceholder)) return text;
  const generation = hash("sha256", text).slice(0, 16);
  return text.replaceAll(generationPlaceholder, `sidekick-${generation}`);
}

/** A stamped text with the placeholder in place of its generation: a difference to another one is that of all the rest. */
export function unstamped(text: string): string {
  return text.replaceAll(/\bsidekick-[0-9a-f]{16}\b/g, generationPlaceholder);
}
