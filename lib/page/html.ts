import { printableText } from "../base/printable.ts";
import type { Part } from "./contract.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A text that is no markup, wherever it stands: entries are up to their writers. Characters that reorder or hide the text around
 * them are shown as their escapes, as on a terminal.
 */
export function escapeHtml(text: string): string {
  return printableText(text).replace(/[&<>"']/g, (found) => entities[found] ?? "");
}

/** Parts as HTML. */
export function html(...parts: readonly Part[]): string {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += escapeHtml(part);
    else {
      const { tag, attributes } = part;
      text += `<${tag}`;
      for (const [name, value] of Object.entries(attributes)) {
        text += value === "" ? ` ${name}` : ` ${name}="${escapeHtml(value)}"`;
      }
      text += `>${html(...part.parts)}</${tag}>`;
    }
  }
  return text;
}
