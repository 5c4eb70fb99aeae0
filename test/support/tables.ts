import assert from "node:assert/strict";

/** The rows of the table with this header in a page of Markdown, each cell the code in its backquotes, else an empty string. */
export function tableIn(
  page: string,
  ...header: readonly string[]
): readonly (readonly string[])[] {
  const [, below = ""] = page.split(`| ${header.join(" | ")} |\n`);
  const [lines = ""] = below.split("\n\n");
  const rows = lines.trim().split("\n").slice(1);
  assert.ok(rows.length > 0, `the page has no table of ${header.join(", ")}`);
  return rows.map((row) => row.slice(1, -1).split(" | ").map(bare));
}

function bare(cell: string): string {
  const [, code = ""] = /^`(.*)`$/.exec(cell.trim()) ?? [];
  return code;
}
