/** A fenced block of a Markdown page. */
export interface Block {
  /** The line number of its first line, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** The blocks with exactly this info string. */
export function blocks(page: string, info: string): readonly Block[] {
  const found = page.matchAll(/^( *)```([^\n]*)\n(.*?)^ *```$/gms);
  return [...found]
    .filter(([, , given]) => given?.trim() === info)
    .map(({ 1: indent = "", 3: text = "", index }) => ({
      line: page.slice(0, index).split("\n").length + 1,
      text: text.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }));
}
